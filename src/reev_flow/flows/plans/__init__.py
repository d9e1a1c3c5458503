"""Plans: what they may say, how they are read from files, and how their steps are carried out."""

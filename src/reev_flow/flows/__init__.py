"""Plans and durable code, and how both are carried out."""

"""The doors that join several rooms: they open stores and wire what works together."""

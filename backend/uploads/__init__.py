"""Photos and files: how they arrive in parts over networks that break off, and who may look at them."""

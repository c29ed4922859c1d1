"""What whoever runs the hub does with all of it: accounts, class lists, export, load, dump, backup."""

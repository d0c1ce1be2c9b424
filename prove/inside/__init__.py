"""What runs inside the functions' processes: this folder is put on their path."""

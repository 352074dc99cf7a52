"""What speed the program promises, measured side by side with a baseline."""

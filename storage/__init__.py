"""What is remembered, and the only place that knows SQL, ciphertext and Redis."""

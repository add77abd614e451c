"""What comes in and goes out: simulated studies."""

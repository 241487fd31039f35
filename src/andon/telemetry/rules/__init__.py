"""What is generated from objectives: pure functions of an estate."""

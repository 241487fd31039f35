"""Who is on call: rotas, rotations, shifts, overrides, working hours."""

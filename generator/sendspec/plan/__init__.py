"""What differs between the spec and the world, what that means, and how it is carried out."""

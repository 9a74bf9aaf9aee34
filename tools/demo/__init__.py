"""Small programs, insecure and secure, as a user would write them."""

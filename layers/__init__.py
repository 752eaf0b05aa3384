"""What is packed for AWS: the layer of the media functions, and the libraries of all functions."""

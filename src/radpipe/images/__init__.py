"""Image files: from one file to grey pixels, and from all files to one packed array."""

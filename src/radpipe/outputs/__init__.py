"""What radpipe writes: whole or not at all, over nothing of anybody else, by one process at a time.

writing     files and folders, moved to their place when they are whole; JSON, Parquet, CSV
receipts    whose is what lies where an output goes
locks       one process at a time makes a thing
"""

"""Image files: from one file to grey pixels, and from all files to one packed array.

files/          one file -> physical values, or the reason why there are none; DICOM in dicom/
prepare/        physical values -> the square that training sees
validate/       every image of the index accepted or rejected, no pixel decoded
pack/           every accepted image decoded once, into one memory-mapped array
picture         one decoded image, which files/ returns and prepare/ takes
problems        why an image cannot be used
header_table    the headers of many DICOM files -> one table
workers         groups of jobs -> processes, results in order
identical       images whose pixels are identical
"""

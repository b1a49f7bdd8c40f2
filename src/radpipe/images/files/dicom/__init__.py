"""One DICOM file -> a picture with physical values.

image                the picture, or the reason why there is none
file                 the elements wanted of a file, pixels undecoded
elements             elements as numbers and text
pixel_description    what a data set says of its pixels
sequences            items of a sequence
functional_groups    what an enhanced file says of one of its frames
frames               one frame -> stored values, whatever its transfer syntax
run_lengths          one frame of RLE Lossless -> levels
jpeg_2000            what a codestream says of its image, before memory is taken for it
colours              colours -> one grey channel
lookup_tables        tables from stored to physical values, to grey, to colours
padding              pixels that are no part of the image
display              windows, or a table, that the file wants to be displayed with
"""

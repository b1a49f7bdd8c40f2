"""One DICOM file -> a picture with physical values.

image                the picture, or the reason why there is none
file                 the elements wanted of a file, pixels undecoded
elements             elements as numbers and text
pixel_description    what a data set says of its pixels
frames               one frame -> stored values, whatever its transfer syntax
"""

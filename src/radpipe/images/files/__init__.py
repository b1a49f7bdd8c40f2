"""One image file -> its header, or a picture with physical values.

reading      PNG, JPEG or DICOM -> a picture
headers      size and kind, pixels unread
stream_size  how large the image inside a compressed stream is, before memory is taken for it
integrity    whether a PNG or JPEG is whole
dicom/       DICOM
"""

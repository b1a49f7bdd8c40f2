"""One image file -> its header, or a picture with physical values.

reading      PNG, JPEG or DICOM -> a picture
headers      size and kind, pixels unread
integrity    whether a PNG or JPEG is whole
dicom/       DICOM
"""

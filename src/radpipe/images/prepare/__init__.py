"""A picture -> the square that training sees, as the section `image` says.

square     grey levels, the crop around a mark, the resize
grey       physical values -> grey levels
windows    the functions of a window
crop       what lies around a mark
resize     grey pixels of any size -> a square; boxes move along
"""

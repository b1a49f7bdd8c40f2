"""Which test cases are worth a look, and where in them the networks looked.

cases        cases.json and the maps
selection    the surest cases, right and wrong, and those on which the arms disagree
pointing     whether the largest value of a map lies in a box
gradcam      Grad-CAM; needs Keras, imported only when a map is wanted
"""

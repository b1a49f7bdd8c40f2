"""The test cases shown in the report, and the maps of where the networks see a finding in them.

cases        cases.json and the maps
selection    the most certain cases, right and wrong, and those on which the arms disagree
pointing     whether the largest value of a map lies in a box
gradcam      Grad-CAM; needs Keras, imported only when a map is wanted
"""

//! Examples of streamlib: each file of this folder is a program.

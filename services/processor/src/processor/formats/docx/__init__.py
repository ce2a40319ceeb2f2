"""DOCX (ECMA-376, transitional): one column of paragraphs with real styles, for people who go on in a word processor and
for programs that read resumes. `base` holds the parts of an empty document of ours."""

//! Everything anybody reads: texts, HTML and JSON of verdicts, in English and German.

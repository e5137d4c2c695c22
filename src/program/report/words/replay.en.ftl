# A redacted history, judged anew.

replay-about = Trial { $trial } at { $origin }, begun { $time }, judged anew from its redacted history
replay-title = Step by step
replay-intro = What was seen, in order, and what follows from it. Networks stand for addresses; who wrote to whom is left out.
replay-question = question { $number }
replay-fetch = fetch { $number }
replay-connection = connection { $number }
replay-silence = what did not happen
replay-same = The document says the same.
replay-other = The document says { $told }, and this version says { $found }: its rules may have changed since, or the document was.

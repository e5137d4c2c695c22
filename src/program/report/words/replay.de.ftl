# Ein geschwärzter Verlauf, neu beurteilt.

replay-about = Test { $trial } bei { $origin }, begonnen { $time }, aus dem geschwärzten Verlauf neu beurteilt
replay-title = Schritt für Schritt
replay-intro = Was zu sehen war, der Reihe nach, und was daraus folgt. Statt Adressen stehen Netze da; wer wem schrieb, fehlt.
replay-question = Frage { $number }
replay-fetch = Abruf { $number }
replay-connection = Verbindung { $number }
replay-silence = was ausblieb
replay-same = Das Dokument sagt dasselbe.
replay-other = Das Dokument sagt { $told }, diese Version sagt { $found }: Entweder haben sich die Regeln seither geändert, oder das Dokument wurde verändert.

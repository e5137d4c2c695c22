# Provider: die Tabelle, ein Provider, Belege, Halls of Fame, Zahlen.

providers-title = Provider
providers-what = Wie Mailprovider Mail unterwegs schützen, von außen gemessen. Jeder Wert führt zu dem, was gesehen wurde.
providers-order = Die Zeilen stehen nach Farbe und innerhalb einer Farbe nach Namen: Die Reihenfolge innerhalb einer Farbe besagt nichts.
providers-age = Was vor { $days } Tagen oder früher gesehen wurde, ist grau.
providers-none = Noch ist nichts veröffentlicht.
providers-colours = Die Farben
providers-worse = Eine Zeile hat die schlechtere Farbe von Senden und Empfangen.
providers-customers = Es geht um die eigenen Hosts und Domains des Providers: Ihre Domain bei einem Provider kann schlechter abschneiden.
providers-more = Mehr
providers-feed = Atom-Feed der Änderungen
providers-licence = Die Daten dürfen genutzt werden unter
providers-measured = Alles hier wurde gemessen; nichts ist zertifiziert.

provider-dates = Veröffentlicht seit { $since }, zuletzt geschrieben am { $updated }.
provider-retracted = Was hier veröffentlicht war, wurde am { $day } zurückgezogen.
provider-replies = Was der Provider sagt
provider-corrections = Berichtigungen
provider-no-evidence = Kein Test, der zählt, sagt etwas darüber.
provider-not-checked = Keine seiner Domains wurde geprüft.
provider-badge = Plakette zum Selbsthosten:
provider-evidence = Belege
provider-redacted = Ohne Personen: Von Adressen bleibt das Netz, von Hostnamen die Domain; wer wem schrieb, steht nirgends darin.

evidence-back = Zur Zeile
evidence-of = Was am { $day } gesehen wurde.
evidence-aside = Das zählt nicht mehr: Eine Berichtigung hat es ausgenommen.
evidence-trial = Die Verbindungen dieses Tests stehen bei der Zeile.

hall-title = Hall of Fame
hall-what = Domains, die nach den Regeln von internet.nl (2025) sicher 100 % erreichen und deren Betreiber hier stehen wollen.
hall-rules = Der Tag ist der erste einer Reihe, die kein Fehlschlag unterbricht. Nach { $count } Fehlschlägen hintereinander steht eine Domain nicht mehr hier; was nicht herauszufinden war, ist kein Fehlschlag.
hall-both-title = Beide Richtungen
hall-both = Sie empfangen mit 100 %, und ihr Provider sendet mit DANE.
hall-receiving-title = Empfangen
hall-receiving = Sie empfangen mit 100 %.
hall-empty = Noch niemand.
hall-provider = Provider
hall-since = 100 % seit
hall-checked = Letzte Prüfung
hall-failures = { $count ->
    [one] die letzte Prüfung schlug fehl
   *[other] die letzten { $count } Prüfungen schlugen fehl
}

statistics-title = Zahlen
statistics-what = Wie viele der hier getesteten Netze wie senden. Ein Netz zählt einmal, wie viel Mail es auch sendet.
statistics-all = Gezählt sind { $count } Netze.
statistics-policy = Einstellung
statistics-networks = Netze
statistics-few = andere, jede für sich selten
statistics-different = innerhalb des Netzes verschieden
statistics-none = Weniger als { $count } Netze wurden getestet: Noch wird nichts gezeigt.
statistics-least = Keine Zahl steht für weniger als { $count } Netze.
statistics-bias = Wer hier testet, hat es sich ausgesucht: Das ist kein Bild aller Mail.

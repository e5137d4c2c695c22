# Der Rahmen jeder Seite.

nav-skip = Zum Inhalt
nav-pages = Seiten
nav-languages = Sprachen
nav-notices = Über diese Seite
nav-start = Mail testen
nav-providers = Provider
nav-check = Domain prüfen
nav-method = Wie der Test geht

not-found-title = Diese Seite gibt es nicht
not-found = Die Adresse ist nicht vollständig, oder das Ergebnis, zu dem sie führte, ist gelöscht.
not-found-start = Zur Startseite

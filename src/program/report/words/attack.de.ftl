# Was aus einer Mail wird, wenn unterwegs jemand eingreift. Jedes Feld hat wenige Wörter, damit alle in eine Textzeile
# passen.

# Was über der Tabelle der Verfahren steht, wo für mehr kein Platz ist.
sending-intro-brief = { $term } { "✔" } schützt, { "✘" } schützt nicht, { "–" } weder noch, { "?" } offen.

attack-title = Was jemand unterwegs lesen könnte
attack-intro = Jemand greift auf dem Weg Ihrer Mail ein: Würde sie gelesen? Das hängt davon ab, was die Domain des Empfängers veröffentlicht.
attack-to-dane = mit DANE
attack-to-mta-sts = mit MTA-STS
attack-to-nothing = ohne beides
attack-removes-encryption = entfernt die Verschlüsselung
attack-forges-certificate = fälscht das Zertifikat
attack-forges-dns = fälscht DNS-Antworten
attack-blocks-policy = blockiert die Richtlinie
attack-read = gelesen
attack-read-until-known = anfangs
attack-not-read = nicht gelesen
attack-not-seen = nicht zu sehen
attack-nothing-to-block = entfällt
attack-until-known = Nur solange Ihr Server die Richtlinie nicht von einer früheren Mail kennt.
attack-forged-host = Was Ihr Server mit einem Server macht, den nur eine gefälschte Antwort nennt, zeigt kein Server dieses Tests.
attack-failed-lookup = Ob Mail wartet, solange TLSA-Einträge nicht zu bekommen sind, zeigt kein Server dieses Tests.
attack-destination = Ihr Server behandelt Ziele verschieden: Was für andere gilt, war nicht zu sehen.

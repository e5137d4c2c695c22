# Die Startseite.

start-title = Wie reist Ihre Mail?
start-red = Bitte testen Sie jetzt nicht:
start-red-why = Mit diesem Dienst stimmt etwas nicht, und ein Teil der Antwort bliebe offen.
start-red-more = Was nicht stimmt
start-subject = Mailtest
start-send = Senden Sie eine Mail an diese beiden Adressen:
start-mailto = Mail schreiben
start-copy = Adressen kopieren
start-copied = Kopiert
start-happens = An Ihre Absenderadresse kommt die Auswertung zurück: wie Ihr Mailserver Mail unterwegs schützt, und wie gut Ihre Domain Mail empfängt.
start-lasts = Das dauert Minuten, manchmal Stunden, weil Ihr Server es mehrmals versuchen muss; bis dahin brauchen Sie nichts zu tun.
start-know-title = Gut zu wissen
start-know-text = Betreff und Text sind gleichgültig; der Text wird nicht aufbewahrt.
start-know-delay = Bis die Auswertung da ist, meldet Ihr Server vielleicht, dass sich die Mail verzögert. Das gehört zum Test.
start-know-bounce = Schickt Ihr Server die Mail sofort zurück, dann senden Sie sie ein paar Minuten später noch einmal.
start-know-vouched = Die Auswertung geht nur an Absender, für die SPF oder DKIM bürgt. Sonst steht sie auf einer Seite, deren Adresse in den Antworten steht, die Ihr Server von uns bekommt: Sehen Sie in sein Protokoll oder in die Meldung über die Verzögerung.
start-providers = Wie Mailprovider abschneiden
start-hall = Hall of Fame: Domains, die tadellos empfangen
start-second-part = Der zweite Teil: fehlerhafte Domains, die mehr zeigen
start-cases = Alle absichtlich fehlerhaften Domains
start-method = Wie der Test geht, und welche Server er spielt
start-kept = Ihre Mailadresse dient dazu, die Auswertung zu senden, und wird danach gelöscht; beim Ergebnis bleiben eine gekürzte Form von ihr und die Namen und Adressen Ihrer Mailserver. Ergebnisse liegen unter einer Adresse, die niemand erraten kann, so lange, wie sie selbst sagen, und werden nicht veröffentlicht.

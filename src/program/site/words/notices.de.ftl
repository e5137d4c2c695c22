# Datenschutz, Impressum, Kontakt, Widerspruch.

privacy-title = Datenschutz
privacy-short = Dieser Dienst sieht, wie Ihre Mail reist, und behält davon, was das Ergebnis braucht. Ein Ergebnis sieht, wer seine Adresse hat. Nichts wird verkauft, nichts dient der Werbung, und keine Seite lädt etwas von woanders.
privacy-who-title = Wer verantwortlich ist
privacy-who = Diesen Dienst betreibt
privacy-who-more = Kontakt
privacy-kept-title = Was gespeichert wird, und wie lange
privacy-what = Was
privacy-why = Wozu
privacy-how-long = Wie lange
privacy-seen-by = Wer es sehen kann
privacy-happens-title = Was mit Ihrer Mail geschieht
privacy-happens-answer = Wenn Sie eine Testmail senden, geht die Auswertung an die Adresse, von der sie kam, sofern SPF oder DKIM für diese Adresse bürgt, und an keine andere.
privacy-happens-scan = Zu einem Test, und wenn jemand Ihre Domain prüfen lässt, fragt dieser Dienst das DNS nach der Domain und verbindet sich mit ihren Mailservern, wie es jeder Absender tut. Eine Mail sendet er dorthin nicht.
privacy-happens-link = Ein Ergebnis liegt unter einer Adresse, die niemand erraten kann. Wem Sie sie geben, der kann es auch lesen; Suchmaschinen werden gebeten, es nicht aufzunehmen.
privacy-happens-site = Bei einem Besuch dieser Seiten wird die Adresse Ihres Browsers benutzt, solange die Seite gesendet wird, damit niemand alle Plätze belegt; aufgeschrieben wird sie nicht; wenn Sie eine Prüfung starten, wird sie bis zu einer Stunde lang gezählt. Es gibt einen einzigen Cookie, und auch den nur, wenn Sie eine Sprache wählen.
privacy-rights-title = Was Sie tun können
privacy-rights-delete = Ein Ergebnis löschen: Wer seine Adresse hat, findet auf der Seite den Knopf dafür.
privacy-rights-object = Keine Mails mehr bekommen: In jeder Auswertung steht ein Link zu einer Seite, auf der ein Klick genügt.
privacy-rights-domain = Für eine ganze Domain keine Mails mehr bekommen: Ihr Postmaster kann das verlangen, mit einer Mail von postmaster@ dieser Domain, für die SPF oder DKIM bürgt, an
privacy-rights-ask = Fragen, was über Sie gespeichert ist, es berichtigen oder löschen lassen oder der Nutzung widersprechen: Schreiben Sie an
privacy-rights-complain = Wenn Sie meinen, dass mit Ihren Daten nicht umgegangen wird, wie es das Gesetz verlangt, können Sie sich auch bei einer Datenschutzbehörde beschweren.
privacy-derived = Die Zeiten in dieser Tabelle sind die Einstellungen, mit denen dieser Dienst läuft.

kept-never = wird nicht gespeichert
kept-until-mailed = bis die Auswertung verschickt ist oder feststeht, dass sie es nicht wird; höchstens { $days ->
    [one] einen Tag
   *[other] { $days } Tage
}
kept-days = { $days ->
    [one] einen Tag
   *[other] { $days } Tage
}
kept-until-done = bis er ausgeführt ist; dass er es ist, noch { $days ->
    [one] einen Tag
   *[other] { $days } Tage
}
kept-until-withdrawn = bis Sie ihn zurücknehmen
kept-until-retracted = bis der Betreiber sie zurückzieht
kept-by-operator = wie andere Post auch; das entscheidet der Betreiber
kept-in-browser = { $days } Tage, in Ihrem Browser

kept-text-what = Text und Anhänge einer Testmail
kept-text-why = Notiert werden nur Tatsachen über die Mail: Größe, Message-ID und Datum, die Domain im From, was SPF, DKIM und DMARC ergeben.
kept-text-who = niemand
kept-address-what = Die Adresse, von der eine Testmail kam
kept-address-why = Um die Auswertung dorthin zu senden.
kept-address-who = der Betreiber
kept-result-what = Ein Test: Namen und Adressen Ihrer Mailserver, was sie getan haben, eine gekürzte Form Ihrer Adresse (etwa j***n@example.net), die Tatsachen über die Mail, und was die Server Ihrer Domain gezeigt haben
kept-result-why = Für das Ergebnis, das daraus berechnet wird, wann immer es jemand liest.
kept-result-who = wer die Adresse des Ergebnisses hat; der Betreiber
kept-questions-what = Anfragen an unsere Nameserver
kept-questions-why = Um zu sehen, ob ein Absender nachgeschlagen hat, was seine Mail schützt.
kept-questions-who = die zu einem Test stehen in seinem Ergebnis; der Betreiber
kept-reports-what = TLS-Berichte (RFC 8460), die Mailsysteme uns über Namen eines Tests senden: ihre Zahlen von Sitzungen, Adressen von Mailservern, wer den Bericht sandte
kept-reports-why = Um sie im Ergebnis neben unser eigenes Protokoll zu stellen.
kept-reports-who = wer die Adresse des Ergebnisses hat; der Betreiber
kept-reporters-what = Wie richtig die TLS-Berichte einer Domain waren, ohne etwas von den Tests
kept-reporters-why = Für eine Tabelle derer, die Berichte senden.
kept-reporters-who = der Betreiber, der sie veröffentlichen kann
kept-postscripts-what = Die Adresse von jemandem, der um eine Mail über die TLS-Berichte zu einem Test gebeten hat
kept-postscripts-why = Um diese eine Mail zu senden; danach wird sie sofort gelöscht.
kept-postscripts-who = der Betreiber
kept-mailed-what = Ein mit geheimem Schlüssel gebildeter Hashwert der Adresse, an die eine Auswertung ging, und ihre Domain
kept-mailed-why = Damit niemand mehr als ein paar Auswertungen am Tag bekommt.
kept-mailed-who = der Betreiber
kept-verdicts-what = Auswertungen in einem Ordner dieses Servers, als Mails mit der Adresse, für die sie bestimmt sind
kept-verdicts-why = Für den Betreiber, der sie weitergibt oder liest.
kept-verdicts-who = der Betreiber
kept-checks-what = Die Prüfung einer Domain: was ihr DNS und ihre Server gezeigt haben
kept-checks-why = Für das Ergebnis, und um zu zeigen, was sich geändert hat.
kept-checks-who = wer die Adresse des Ergebnisses hat; wer dieselbe Domain prüfen lässt, sieht Daten und Noten früherer Prüfungen und was sich seit der letzten geändert hat; der Betreiber
kept-published-what = Ergebnisse von Mailanbietern, die der Betreiber veröffentlicht hat, ohne Adressen von Personen
kept-published-why = Um Anbieter zu vergleichen.
kept-published-who = alle
kept-objections-what = Der Widerspruch einer Adresse oder Domain gegen Mails, nur als Hashwert mit geheimem Schlüssel
kept-objections-why = Um keine mehr dorthin zu senden. Die Adresse lässt sich daraus nicht ablesen.
kept-objections-who = niemand; der Betreiber sieht, wie viele es sind
kept-orders-what = Ein Auftrag, eine Adresse oder Domain zu vergessen
kept-orders-why = Um ihn auszuführen.
kept-orders-who = der Betreiber
kept-operator-mail-what = Mails, die Sie dem Betreiber schreiben
kept-operator-mail-why = Um sie zu lesen und zu beantworten.
kept-operator-mail-who = der Betreiber
kept-visits-what = Wer diese Seiten besucht hat
kept-visits-why = Es gibt kein Protokoll der Besuche.
kept-visits-who = niemand
kept-language-what = Die Sprache, die Sie für diese Seiten gewählt haben, als Cookie
kept-language-why = Um die nächste Seite in ihr zu zeigen.
kept-language-who = Sie

imprint-title = Impressum

contact-title = Kontakt
contact-who = Diesen Dienst betreibt
contact-mail = Mail:
contact-phone = Telefon:
contact-imprint = Impressum
contact-privacy = Datenschutz
contact-what-title = Bevor Sie schreiben
contact-what-result = Wenn Sie nach einem Ergebnis fragen, schicken Sie seine Adresse mit: Ohne sie kann es niemand finden.
contact-what-stop = Sie möchten keine Mails mehr oder ein Ergebnis löschen? Das können Sie selbst:
contact-what-security = Sie haben eine Schwachstelle dieses Dienstes gefunden? Bitte sagen Sie es uns zuerst:

objection-title = Keine Mails mehr
objection-asks = Wenn Sie auf den Knopf drücken, sendet dieser Dienst keine Mails mehr an die Adresse, die den Link zu dieser Seite bekommen hat. Noch ist nichts geschehen.
objection-button = Keine Mails mehr senden
objection-stands = An die Adresse, die den Link zu dieser Seite bekommen hat, sendet dieser Dienst keine Mails. Falls Sie es sich anders überlegt haben, können Sie das zurücknehmen.
objection-kept = Erledigt: An die Adresse, die den Link zu dieser Seite bekommen hat, sendet dieser Dienst keine Mails mehr. Mehr brauchen Sie nicht zu tun.
objection-withdraw-button = Wieder Mails senden
objection-withdrawn = Zurückgenommen: Wer von dieser Adresse eine Testmail sendet, bekommt wieder eine Auswertung.
objection-failed = Das ging gerade nicht, und nichts hat sich geändert. Bitte versuchen Sie es in ein paar Minuten noch einmal.
objection-what-title = Was das bedeutet
objection-what-why = Eine solche Mail ist die Antwort auf eine Testmail, die mit Ihrer Adresse gesendet wurde und für die SPF oder DKIM Ihrer Domain gebürgt hat.
objection-what-kept = Von der Adresse bleibt nur ein Hashwert mit geheimem Schlüssel, aus dem sie niemand ablesen kann. Er bleibt, bis Sie den Widerspruch zurücknehmen.
objection-what-tests = Tests von dieser Adresse sind weiter möglich. Ihre Ergebnisse stehen dann nur auf einer Seite, deren Adresse in den Antworten steht, die der sendende Server bekommt.
objection-what-domain = Für eine ganze Domain kann ihr Postmaster widersprechen, mit einer Mail von postmaster@ dieser Domain, für die SPF oder DKIM bürgt, an
objection-privacy = Was sonst gespeichert wird, und wie lange

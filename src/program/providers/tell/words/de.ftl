# Wie von Providern gesprochen wird: Zellen, Anmerkungen, Belege, Änderungen, und die Mail an den Provider.

prov-colour-green = grün
prov-colour-green-means = DANE (RFC 7672) oder qualifizierte Transportverschlüsselung
prov-colour-white = weiß
prov-colour-white-means = verschlüsselt, und Zertifikate müssen gültig sein
prov-colour-yellow = gelb
prov-colour-yellow-means = verschlüsselt, wo es angeboten wird, oder mit Zertifikaten, die niemand prüft
prov-colour-red = rot
prov-colour-red-means = nicht verschlüsselt, oder im Klartext gesendet, nachdem die Verschlüsselung gescheitert war
prov-colour-grey = grau
prov-colour-grey-means = nicht bekannt oder nicht mit einer Farbe zu sagen: siehe die Belege

prov-term = Einstellung
prov-clear-where-forbidden = Klartext, wo er verboten ist
prov-clear-elsewhere = Klartext sonst
prov-dane = DANE
prov-mta-sts = MTA-STS
prov-certificates = Prüft Zertifikate
prov-colour = Farbe
prov-internetnl = internet.nl
prov-letter = Note
prov-qte = Qualifizierte Transportverschlüsselung
prov-provider = Provider
prov-sending = Senden
prov-receiving = Empfangen
prov-notes = Anmerkungen
prov-newest = Neuester Beleg

prov-practised = ja
prov-not-practised = nein
prov-broken = ja, und macht es wieder zunichte
prov-not-seen = nicht gesehen
prov-contradictory = widersprüchlich: { $list }
prov-per-destination = je nach Ziel
prov-too-little = zu wenig Belege
prov-too-old = Belege zu alt
prov-percent = { $score } %
prov-percents = { $least } bis { $most } %
prov-unknown = nicht bekannt

prov-amount = { $trials ->
    [one] 1 Test
   *[other] { $trials } Tests
} an { $days ->
    [one] 1 Tag
   *[other] { $days } Tagen
}, von { $sources ->
    [one] 1 Absenderadresse
   *[other] { $sources } Absenderadressen
}
prov-wanted = Eine Zeile braucht { $trials } Tests an { $days } Tagen von { $sources } Absenderadressen.

prov-note-gives-up-without-starttls = Als STARTTLS nicht angeboten wurde, kam er nicht wieder: Solche Mail geht an ihren Verfasser zurück, oder sie ist verloren.
prov-note-laxer-on-retry = Beim erneuten Versuch stellte er zu, wo er sich vorher geweigert hatte.
prov-note-falls-back-to-clear-text = Nachdem TLS gescheitert war, sendete er im Klartext, obwohl STARTTLS angeboten wurde.
prov-note-refuses-sound-server = Er weigerte sich auch beim einwandfreien Server, dessen Zertifikat gültig ist und zum TLSA-Eintrag passt.
prov-note-dane-overridden = Er fragte nach TLSA-Einträgen und nahm ein Zertifikat an, das sie verbieten, weil MTA-STS es erlaubt.
prov-note-per-destination = Er hat für jedes Ziel eine eigene Einstellung.
prov-note-clear-before-policy = Er sendete im Klartext, bevor er die Policy abgerufen hatte; das erlaubt RFC 8461.
prov-note-sources-differ = Seine Server verhalten sich nicht alle gleich.

prov-counts = zählt
prov-red-day = zählt nicht: An diesem Tag stimmte mit diesem Dienst etwas nicht
prov-set-aside = zählt nicht: durch eine Berichtigung ausgenommen
prov-evidence-too-old = zählt nicht: zu alt
prov-not-over = zählt nicht: Der Test ist nicht zu Ende

prov-outcome-mail-in-clear = sendete Mail im Klartext
prov-outcome-mail-in-tls = sendete Mail in TLS
prov-outcome-left-without-mail = ging, weil STARTTLS nicht angeboten wurde
prov-outcome-refused-certificate = lehnte unser Zertifikat ab
prov-outcome-our-limit = TLS scheiterte, weil uns etwas fehlt
prov-outcome-tls-failed = TLS scheiterte
prov-outcome-no-mail-in-tls = sendete in TLS keine Mail
prov-outcome-aborted = endete früh
prov-outcome-open = nicht beendet

prov-trial = Test { $number } vom { $day }
prov-check = Prüfung { $number } von { $domain }, { $day }
prov-by-connections = { $count ->
    [one] Verbindung { $list }
   *[other] Verbindungen { $list }
}
prov-open = offen
prov-questions = DNS-Anfragen
prov-fetches = Abrufe der Policy
prov-connections = Verbindungen
prov-number = Nr.
prov-time = Zeit (UTC)
prov-from = Von
prov-server = Server
prov-offered = STARTTLS
prov-offered-yes = angeboten
prov-offered-no = nicht angeboten
prov-tls = TLS
prov-sni = SNI
prov-outcome = Was daraus wurde
prov-name = Name
prov-type = Typ
prov-status = Status
prov-more = { $count } weitere stehen im Dokument.

prov-change-published = { $title }: veröffentlicht, { $colour }
prov-change-row = { $title }: sagt jetzt etwas anderes, bisher { $before }, jetzt { $after }; { $cause }
prov-cause-evidence = es gibt neue Belege
prov-cause-correction = Belege wurden durch eine Berichtigung ausgenommen
prov-cause-age = Belege sind zu alt geworden
prov-cause-rules = die Belege sind dieselben, und wir haben unsere Regeln geändert
prov-change-corrected = { $title }: berichtigt. { $reason }
prov-change-retracted = { $title }: zurückgezogen. { $reason }
prov-change-replied = { $title }: der Provider hat geantwortet
prov-change-hall-entered = { $domain } kam in die Hall of Fame
prov-change-hall-left = { $domain } verließ die Hall of Fame

prov-badge-measured = { $score } %, gemessen { $day }
prov-badge-label = Mailempfang
prov-badge-title = { $domain }: { $score } % nach den Regeln von internet.nl, gemessen am { $day } von { $site }

prov-draft-subject = Was { $site } über { $title } veröffentlichen wird
prov-draft =
    Guten Tag { $title },

    wir haben gemessen, wie Ihre Mailsysteme Mail unterwegs schützen, und wollen das
    Ergebnis ab dem { $from } veröffentlichen, unter
    { $url }

    Was wir gesehen haben, steht unten, und jede Aussage wird dort mit ihren Belegen
    stehen. Ist etwas falsch, oder haben Sie es geändert? Dann antworten Sie bitte
    vorher auf diese Mail. Was Sie dazu sagen möchten, drucken wir neben dem
    Ergebnis ab.

prov-show-draft = nicht veröffentlicht; { $told }
prov-show-told = mitgeteilt am { $day }
prov-show-not-told = dem Provider wurde nichts mitgeteilt
prov-show-published = veröffentlicht seit { $day }
prov-show-retracted = zurückgezogen am { $day }
prov-show-replies = Antworten
prov-show-corrections = Berichtigungen
prov-show-evidence = Belege
prov-show-remark = Anmerkung des Betreibers

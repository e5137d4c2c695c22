# Eine Domain, die auf Wunsch geprüft wird.

domain-title = Wie gut empfängt eine Domain Mail?
domain-label = Die Domain, zum Beispiel example.org
domain-button = Prüfen
domain-hint = Eine Mailadresse oder ein Link geht auch.
domain-does = Wir schlagen nach, was die Domain veröffentlicht, und verbinden uns mit ihren Mailservern, wie es ein Absender täte. Eine Mail wird nicht verschickt.
domain-lasts = Das dauert ein, zwei Minuten; bei vielen oder langsamen Servern etwas länger.
domain-kept = Das Ergebnis steht unter einer Adresse, die sich nicht erraten lässt. Es wird nicht veröffentlicht, und Suchmaschinen werden gebeten, es nicht aufzunehmen. Von Ihnen wird nichts aufbewahrt; Ihre Adresse wird höchstens eine Stunde lang gezählt, damit niemand zu viel prüft.
domain-deleted = Das Ergebnis ist gelöscht.
domain-failed = Die Prüfung von { $domain } ist bei uns abgebrochen, und es gibt kein Ergebnis. Bitte starten Sie sie noch einmal.

domain-no-empty = Bitte geben Sie eine Domain an, zum Beispiel example.org.
domain-no-address = Das ist eine IP-Adresse. Bitte geben Sie eine Domain an, zum Beispiel example.org; ihre Mailserver finden sich von selbst.
domain-no-single-label = Dieser Name hat nur einen Teil. Bitte geben Sie die ganze Domain an, zum Beispiel example.org.
domain-no-too-long = Das ist länger, als eine Domain sein kann.
domain-no-unreadable = Das ist keine Domain: Es enthält etwas, das in keinem Hostnamen vorkommt. Bitte geben Sie eine Domain an, zum Beispiel example.org, oder eine Mailadresse.
domain-no-off = Der Betreiber dieses Dienstes hat die Prüfung von Domains abgeschaltet.
domain-no-client = Sie haben so viele Prüfungen gestartet, wie ein Besucher in einer Stunde darf. Bitte kommen Sie in { $minutes ->
    [one] einer Minute
   *[other] { $minutes } Minuten
} wieder.
domain-no-domain = Diese Domain wurde heute so oft geprüft, wie wir es ihren Servern zumuten wollen. Bitte kommen Sie in { $minutes ->
    [one] einer Minute
   *[other] { $minutes } Minuten
} wieder.
domain-no-busy = Gerade wird mehr verlangt, als dieser Dienst leisten kann. Bitte kommen Sie in { $minutes ->
    [one] einer Minute
   *[other] { $minutes } Minuten
} wieder.
domain-no-unavailable = Unser Archiv antwortet nicht. Bitte versuchen Sie es in einer Minute noch einmal.

domain-running-title = { $domain } wird geprüft
domain-running-stays = Sie können diese Seite schließen und wiederkommen: Die Adresse bleibt, und das Ergebnis steht dann hier.
domain-waiting = Die Prüfung wartet, bis sie an der Reihe ist.
domain-waiting-behind = Die Prüfung wartet; { $ahead ->
    [0] sie ist als Nächste an der Reihe.
    [one] eine ist vor ihr an der Reihe.
   *[other] { $ahead } sind vor ihr an der Reihe.
}
domain-names = DNS: bisher { $count ->
    [one] eine Frage.
   *[other] { $count } Fragen.
}
domain-servers = Die Mailserver werden befragt: { $count ->
    [one] eine Adresse.
   *[other] { $count } Adressen.
}
domain-steps-address = Adresse
domain-steps-asked = Verbindungen
domain-steps-step = Gerade gefragt
domain-address-waits = wartet { $seconds } s, denn der Server sagte: { $why }

domain-since-title = Was sich seit { $day } geändert hat
domain-since-nothing = Seit der letzten Prüfung dieser Domain hat sich nichts geändert, was wir messen.
domain-since-intro = Beide Prüfungen sind nach denselben Regeln bewertet, den heutigen. Was hier steht, haben die Domain oder ihre Server geändert.
domain-since-not-theirs = Die Domain und ihre Server zeigen, was sie damals zeigten.
domain-rules-title = Was sich geändert hat, weil unsere Regeln andere sind
domain-rules-intro = Die frühere Prüfung ist einmal nach den Regeln von damals bewertet und einmal nach den heutigen. Für das, was hier steht, muss die Domain nichts geändert haben.
domain-rules-nothing = Unsere Regeln sind andere als damals, und die frühere Prüfung ergibt nach beiden dasselbe.
domain-changed = Vorher: { $before }. Jetzt: { $after }.
domain-changed-none = nicht gefragt
domain-changed-better = besser
domain-changed-worse = schlechter
domain-changed-open = nicht vergleichbar
domain-changed-other = anders
domain-fact-changed = geändert
domain-fact-mx = MX-Einträge
domain-fact-addresses = Adressen der Mailserver
domain-fact-tlsa = TLSA-Einträge
domain-fact-certificates = Zertifikate
domain-fact-mta-sts = MTA-STS-Eintrag
domain-fact-tlsrpt = TLS-Berichte
domain-fact-spf = SPF
domain-fact-dmarc = DMARC
domain-fact-name-servers = Nameserver
domain-fact-ds = DS-Einträge

domain-outlook-title = Wer hier nicht zustellen würde
domain-outlook-modelled = Berechnet, nicht gemessen: Wir spielen unsere Modelle von Absendern an dem durch, was die Domain veröffentlicht und ihre Server uns gezeigt haben.
domain-outlook-some = Mail von denen mit ✘ käme nicht an.
domain-outlook-dane-only = Nur Absender, die ohne DANE nirgends zustellen, kämen nicht an.
domain-outlook-nobody = Mail aller Absender, deren Verhalten sich hier beurteilen lässt, käme an.
domain-outlook-part = Nicht jede Adresse der Mailserver hat uns geantwortet, deshalb bleibt manches offen.
domain-delivery-refused = würde nicht zustellen
domain-delivery-some-refuse = manche davon würden nicht zustellen
domain-delivery-clear = würde unverschlüsselt zustellen
domain-delivery-open = offen
domain-delivery-encrypted = würde verschlüsselt zustellen
domain-reason-no-starttls = Kein STARTTLS bei { $hosts }.
domain-reason-certificate = Das Zertifikat von { $hosts } hält einer Prüfung von Aussteller und Name nicht stand.
domain-reason-tlsa-mismatch = Kein TLSA-Eintrag passt zum Zertifikat von { $hosts }.
domain-reason-tlsa-failed = Ob es für { $hosts } TLSA-Einträge gibt, lässt sich nicht feststellen, und dann wartet ein solcher Absender (RFC 7672 §2.1.2).
domain-reason-no-tlsa = Keine TLSA-Einträge für { $hosts }; ein solcher Absender stellt keiner Domain ohne sie zu.
domain-reason-unlisted = Die MTA-STS-Richtlinie nennt { $hosts } nicht.
domain-more-hosts = { $count } weitere
domain-term-none = verschlüsselt nie
domain-term-may = verschlüsselt, wo es angeboten wird
domain-term-may-sni = verschlüsselt, wo es angeboten wird, und nennt den Server
domain-term-may-verify = prüft Zertifikate, wo Verschlüsselung angeboten wird
domain-term-encrypt = verschlüsselt immer, prüft kein Zertifikat
domain-term-encrypt-sni = verschlüsselt immer, prüft kein Zertifikat, nennt den Server
domain-term-verify = verschlüsselt immer und prüft Zertifikate
domain-term-verify-sni = verschlüsselt immer, prüft Zertifikate, nennt den Server
domain-term-dane = DANE, wo es TLSA-Einträge gibt
domain-term-dane-only = nichts ohne DANE
domain-term-mta-sts = MTA-STS, wo es eine Richtlinie gibt
domain-term-dane-mta-sts = DANE und MTA-STS

domain-history-title = Frühere Prüfungen
domain-history-intro = Diese Prüfungen der Domain wurden hier vorgenommen, wer auch immer sie wollte. Hier stehen ihre Tage und Noten; die Ergebnisse selbst sieht nur, wer deren Adressen hat.
domain-history-first = Dies ist die einzige Prüfung der Domain, die hier aufbewahrt wird.
domain-history-day = Datum
domain-history-letter = Unsere Note
domain-history-rules = Regeln
domain-history-this = diese Prüfung
domain-percent = { $score } %
domain-link-title = Dieses Ergebnis
domain-link = Wer die Adresse dieser Seite hat, kann sie lesen und löschen, sonst niemand.
domain-until = Sie wird bis { $until } aufbewahrt.
domain-link-this = Die bleibende Adresse dieses Ergebnisses
domain-link-json = Das Ergebnis als JSON
domain-again = Noch einmal prüfen
domain-delete = Dieses Ergebnis löschen
domain-delete-means = Die Seite ist dann sofort weg, für alle, die ihre Adresse haben. Das lässt sich nicht rückgängig machen.
domain-delete-button = Endgültig löschen

domain-start-title = Oder prüfen, wie gut eine Domain empfängt
domain-start-more = Dafür müssen Sie nichts verschicken.

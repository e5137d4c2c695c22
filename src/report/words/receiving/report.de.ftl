# Was dazu gesagt wird, wie gut eine Domain Mail empfängt, von den einzelnen Prüfungen abgesehen, auf Deutsch.

### Die Antwort

recv-about = Mailassay zur Mail an { $domain }, { $day }
recv-subject-a-plus = { $domain } empfängt Mail sicher (A+)
recv-subject-a = { $domain } empfängt Mail sicher (A)
recv-subject-b = { $domain } empfängt Mail verschlüsselt, doch verlangen kann das niemand (B)
recv-subject-c = { $domain } empfängt Mail verschlüsselt, doch offen ist, für wen (C)
recv-subject-d = { $domain } empfängt Mail mit veralteter Verschlüsselung (D)
recv-subject-f = { $domain } empfängt Mail nicht sicher (F)
recv-subject-unknown = Nicht eindeutig: Wie sicher { $domain } Mail empfängt
recv-subject-no-mail = { $domain } empfängt keine Mail
recv-grade-a-plus = Absender mit DANE und Absender mit MTA-STS stellen beide nur verschlüsselt und nur dem richtigen Server zu, Fehler werden gemeldet, und Ungenügendes war nicht zu finden.
recv-grade-a = Absender, die beachten, was die Domain veröffentlicht, stellen nur verschlüsselt und nur dem richtigen Server zu; niemand an der Leitung kann das ändern.
recv-grade-b = Mail an diese Domain wird verschlüsselt, und die Server zeigen gültige Zertifikate; aber nichts sagt Absendern, dass sie darauf bestehen sollen. Wer an der Leitung sitzt, kann es also noch verhindern.
recv-grade-c = Mail an diese Domain kann verschlüsselt werden, aber nicht für jeden Server bürgt eine Zertifizierungsstelle oder ein DANE-Eintrag: Absender können den richtigen nicht von einem anderen unterscheiden.
recv-grade-d = Mail an diese Domain kann verschlüsselt werden, aber bei mindestens einem Server nur mit veraltetem TLS oder so, dass ein gestohlener Schlüssel aufgezeichnete Mail später öffnet.
recv-grade-f = Mindestens ein Mailserver bietet keine Verschlüsselung an, oder was die Domain zum Schutz ihrer Mail veröffentlicht, schlägt fehl, so dass sorgfältige Absender nicht zustellen können.
recv-grade-unknown = Eine Note lässt sich nicht geben, weil das, was sich nicht messen ließ, sie ändern könnte; das spricht weder für noch gegen die Domain.
recv-grade-no-mail = Die Domain sagt oder zeigt, dass sie keine Mail empfängt. Es zählt also, ob sie das deutlich sagt und ob niemand in ihrem Namen Mail verschicken kann.
recv-open = { $count ->
    [one] Eine Prüfung war nicht möglich; siehe "Nicht gemessen".
   *[other] { $count } Prüfungen waren nicht möglich; siehe "Nicht gemessen".
}
recv-ground-no-starttls = { $place } bietet kein STARTTLS an.
recv-ground-bogus = Signierte Namen auf dem Weg zu { $place } validieren nicht.
recv-ground-tlsa-mismatch = Ein Zertifikat von { $place } passt zu keinem TLSA-Eintrag.
recv-ground-mta-sts-unfulfilled = { $place } erfüllt die geltende MTA-STS-Richtlinie nicht.
recv-ground-old-version = { $place } kennt weder TLS 1.2 noch Neueres.
recv-ground-no-forward-secrecy = { $place } kennt keine Suite mit Forward Secrecy.
recv-ground-certificate-unproven = Das Zertifikat von { $place } ist weder gültig noch passt es nach DANE.
recv-ground-no-binding = Weder DANE noch eine geltende MTA-STS-Richtlinie bindet Absender an { $place }.
recv-ground-one-binding = Nur eines von DANE und MTA-STS schützt Mail an { $place }, oder beide stimmen nicht überein.
recv-ground-no-tls-rpt = Zu einer besseren Note fehlen TLS-Berichte (TLSRPT).
recv-ground-insufficient = Zu einer besseren Note darf nichts ungenügend sein; siehe unten.
recv-range = Je nachdem, was offen ist, liegt die Note zwischen { $worst } und { $best }. Offen: { $list }.
recv-port-25-closed = Bei jeder Verbindung zu Port 25 lief die Zeit ab: Er scheint von hier aus gesperrt. Was eine solche Verbindung braucht, bleibt offen.
recv-failed = { $count ->
    [one] Eine Prüfung ist nicht bestanden, die in der Note nicht zählt, und damit das Ganze: { $list }.
   *[other] { $count } Prüfungen sind nicht bestanden, die in der Note nicht zählen, und damit das Ganze: { $list }.
}
recv-no-such-name = Diesen Namen gibt es im DNS nicht (NXDOMAIN): Ist er richtig geschrieben?
recv-no-ipv6-here = Der Rechner, von dem aus gemessen wurde, hat kein IPv6; über IPv6 ließ sich also nichts versuchen.
recv-not-vouched = Weder SPF noch DKIM bürgt für diese Domain, deshalb wurde keine Verbindung zu ihren Servern geöffnet: Dies ist, was DNS allein sagt.
recv-term = internet.nl { $now } · LuxSci { $luxsci } · Lindenberg: { $colour } · QTE: { $qte }

### Ergebnisse

recv-results-title = Ergebnisse
recv-results-intro = Dieselben Messungen, nach verschiedenen Regeln bewertet.
recv-profile-mailassay = Unsere Note
recv-profile-internetnl-2025 = internet.nl, Regeln von 2025
recv-profile-internetnl-v2 = internet.nl, Regeln bis 2025
recv-profile-luxsci = LuxSci TLS Checker
recv-profile-lindenberg = Lindenbergs Empfangstest
recv-profile-qte = Qualifizierte Transportverschlüsselung (DSK)
recv-profile-no-mail = Domain ohne Mail
recv-score = { $score } %
recv-score-range = { $low }–{ $high } %
recv-score-none = nicht gemessen
recv-score-open = Das Ergebnis liegt zwischen { $low } % und { $high } %, je nach Prüfungen, die nicht möglich waren.
recv-score-dropped = Nicht gemessen und deshalb nicht im Mittel: { $list }.
recv-hall = Das reicht für die Hall of Fame von internet.nl.
recv-changed = Was die Regeln von 2025 für diese Domain geändert haben: { $list }.
recv-changed-check = { $check } (vorher { $before }, jetzt { $now })
recv-unchanged = Von dem, was gemessen wurde, beanstanden die Regeln von 2025 nichts, was die älteren durchgehen ließen, und auch nicht umgekehrt.
recv-luxsci-worst = Es zählt der schlechteste Mailserver: { $host }.
recv-luxsci-forced = "Forced TLS" wäre möglich: Jeder Mailserver beherrscht TLS mit anerkannten Suites.
recv-luxsci-not-forced = "Forced TLS" wäre nicht möglich: Nicht jeder Mailserver beherrscht TLS mit anerkannten Suites.
recv-luxsci-forced-unknown = Ob "Forced TLS" möglich wäre, ließ sich nicht sagen.
recv-colour-green = grün
recv-colour-white = weiß
recv-colour-yellow = gelb
recv-colour-red = rot
recv-colour-grey = grau
recv-colour-green-means = DANE (RFC 7672) oder qualifizierte Transportverschlüsselung ist bei jedem Mailserver möglich.
recv-colour-white-means = Jeder Mailserver verschlüsselt und zeigt ein gültiges Zertifikat.
recv-colour-yellow-means = Jeder Mailserver verschlüsselt, aber nicht jedes Zertifikat ist gültig.
recv-colour-red-means = Mindestens ein Mailserver verschlüsselt nicht.
recv-colour-grey-means = Es ließ sich nicht sagen.
recv-qte-yes = möglich
recv-qte-no = nicht möglich
recv-qte-unknown = nicht eindeutig
recv-qte-yes-means = Die Domain macht sie möglich: STARTTLS ab TLS 1.2 mit Forward Secrecy, signierte MX-Einträge und Adressen und Zertifikate, die gültig sind oder nach DANE passen. Ob sie erzwungen wird, hängt vom Absender ab.
recv-qte-no-means = Die Domain macht sie nicht möglich. Nötig ist bei jedem Mailserver: STARTTLS ab TLS 1.2 mit Forward Secrecy, signierte MX-Einträge und Adressen und ein Zertifikat, das gültig ist oder nach DANE passt.
recv-qte-unknown-means = Nicht alles, was dazu nötig ist, ließ sich messen.
recv-qte-missing = Es fehlt: { $list }.
recv-qte-starttls = STARTTLS
recv-qte-version = TLS ab 1.2
recv-qte-suite = eine Suite der BSI TR-02102-2 mit Forward Secrecy
recv-qte-signed-mx = signierte MX-Einträge
recv-qte-signed-addresses = signierte Adressen
recv-qte-authentication = ein Zertifikat, das gültig ist oder nach DANE passt
recv-no-mail-good = Die Domain sagt deutlich, dass sie Mail weder annimmt noch verschickt: Null-MX, SPF "-all", DMARC reject.
recv-no-mail-bad = Die Domain sagt nicht deutlich, dass sie Mail weder annimmt noch verschickt: Dazu gehören ein Null-MX, SPF "-all" und DMARC reject.
recv-no-mail-open = Nicht alles, womit die Domain das sagen könnte, ließ sich nachschlagen.

### Die Kategorien von internet.nl

recv-categories-title = Die Kategorien von internet.nl
recv-categories-intro = Nach den Regeln von 2025.
recv-categories-former = Regeln bis 2025: { $score }.
recv-verdict-passed = bestanden
recv-verdict-failed = nicht bestanden
recv-verdict-recommendation = Empfehlung
recv-verdict-info = Hinweis
recv-verdict-inconclusive = nicht eindeutig
recv-verdict-not-measured = nicht gemessen
recv-inl-ipv6 = Moderne Adressen (IPv6)
    .short = IPv6
    .passed = Absender, die nur IPv6 haben, können die Mailserver finden und erreichen.
    .failed = Absender, die nur IPv6 haben, können nicht jeden Mailserver finden oder erreichen, oder nur auf manchen Wegen.
    .recommendation = Absender, die nur IPv6 haben, erreichen die Mailserver; etwas kann besser werden.
    .info = Es gibt nichts zu messen.
    .inconclusive = Nicht alles zu IPv6 ließ sich herausfinden.
    .not-measured = IPv6 wurde nicht gemessen.
recv-inl-dnssec = Signierte Namen (DNSSEC)
    .short = DNSSEC
    .passed = Die Domain und die Namen ihrer Mailserver sind signiert, und die Signaturen sind gültig.
    .failed = Die Domain oder der Name eines Mailservers ist nicht signiert, oder die Signatur ist nicht gültig: Mail lässt sich unbemerkt umlenken.
    .recommendation = Die Namen sind signiert; etwas kann besser werden.
    .info = Es gibt nichts zu messen.
    .inconclusive = Nicht alles zu den Signaturen ließ sich herausfinden.
    .not-measured = DNSSEC wurde nicht gemessen.
recv-inl-auth = Echtheit (SPF, DKIM, DMARC)
    .short = Echtheit
    .passed = Die Domain veröffentlicht, was Empfänger brauchen, um gefälschte Mail in ihrem Namen zu erkennen. Bei DKIM ist das geraten.
    .failed = Die Domain veröffentlicht nicht alles, was Empfänger brauchen, um gefälschte Mail in ihrem Namen zu erkennen.
    .recommendation = Empfänger können gefälschte Mail erkennen; etwas kann besser werden.
    .info = Es gibt nichts zu messen.
    .inconclusive = Nicht alles zu SPF, DKIM und DMARC ließ sich herausfinden.
    .not-measured = SPF, DKIM und DMARC wurden nicht gemessen.
recv-inl-tls = Sichere Verbindung (STARTTLS und DANE)
    .short = Verbindung
    .passed = Mail kommt über hinreichend sichere Verbindungen, und DANE bindet sie an den richtigen Server.
    .failed = Mail kommt über Verbindungen, die nicht hinreichend sicher sind, oder DANE bindet sie nicht an den richtigen Server.
    .recommendation = Die Verbindungen sind hinreichend sicher; etwas kann besser werden.
    .info = Es gibt nichts zu messen.
    .inconclusive = Nicht alles zu den Verbindungen ließ sich herausfinden.
    .not-measured = Verbindungen wurden nicht gemessen.
recv-inl-rpki = Autorisierte Routen (RPKI)
    .short = Routen
    .passed = Die Routen zu den Servern sind autorisiert, und ihre Ankündigungen sind gültig.
    .failed = Eine Ankündigung einer Route zu den Servern widerspricht ihrer Autorisierung; ein Teil des Internets erreicht sie vielleicht nicht.
    .recommendation = Manche Routen zu den Servern sind nicht autorisiert; falsche Ankündigungen bleiben also unbemerkt.
    .info = Es gibt nichts zu messen.
    .inconclusive = Nicht alles zu den Routen ließ sich herausfinden.
    .not-measured = Routen wurden nicht gemessen: Dazu gehört ein Validator, der hier nicht eingerichtet ist oder nicht geantwortet hat.

### Die Prüfungen, in unseren Gruppen

recv-group-mx = MX-Einträge
recv-group-ipv6 = Erreichbarkeit und IPv6
recv-group-dnssec = DNSSEC
recv-group-auth = SPF, DKIM, DMARC
recv-group-tls = STARTTLS und TLS
recv-group-certificate = Zertifikate
recv-group-binding = DANE, MTA-STS, TLS-Berichte
recv-group-rpki = Autorisierte Routen (RPKI)
recv-group-smtp = SMTP
recv-legend = { "✔" } gut oder ausreichend, { "!" } sollte ersetzt werden, { "✘" } ungenügend, { "–" } zur Kenntnis oder nicht anwendbar, { "?" } ließ sich nicht messen.
recv-level-good = gut
recv-level-sufficient = ausreichend
recv-level-phase-out = auslaufend
recv-level-insufficient = ungenügend
recv-level-info = Hinweis
recv-level-not-scored = Hinweis
recv-level-not-applicable = entfällt
recv-level-inconclusive = nicht gemessen
recv-levels = Anders bewertet von { $list }.
recv-levels-one = { $profile }: { $level }
recv-more-possible = Es kann mehr davon geben, aber nichts Schlechteres.
recv-worse-possible = Schlechteres ist nicht auszuschließen: { $why }
recv-more-items = { $list } und { $count } weitere
recv-evidence = Belege

### Warum sich eine Frage nicht stellt

recv-inapplicable-no-mail = Die Domain empfängt keine Mail.
recv-inapplicable-no-address = Es gibt keinen Mailserver mit einer solchen Adresse.
recv-inapplicable-no-ipv6-name-server = Kein Nameserver hat IPv6.
recv-inapplicable-unsigned = Es ist nicht signiert.
recv-inapplicable-no-record = Es gibt keinen solchen Eintrag.
recv-inapplicable-no-starttls = Die Adresse bietet kein STARTTLS an.
recv-inapplicable-other-address-counts = Eine andere Adresse des Rechners hat geantwortet und zählt.
recv-inapplicable-only-tls13 = TLS 1.2 und älter ist abgeschaltet, und nur dafür gilt dies.
recv-inapplicable-no-tls13 = TLS 1.3 ist abgeschaltet, und nur dafür gilt dies.
recv-inapplicable-nothing-to-order = Es gibt nichts zu wählen.
recv-inapplicable-no-such-parameter = Die verwendeten Suites haben keinen solchen Parameter.
recv-inapplicable-only-for-trials = Das zeigt nur eine Mail, die Sie schicken; schicken Sie eine an die Testadressen.
recv-inapplicable-only-intrusive = Wird nur mit --intrusive gefragt, vom Betreiber des Servers.
recv-inapplicable-only-full = Wird nur mit --full gefragt.
recv-inapplicable-no-certificate = Es war kein Zertifikat zu sehen, mit dem sich das vergleichen ließe.
recv-inapplicable-none-fits = Kein Eintrag passt zu dem, was der Mailserver zeigt: Hier ist keiner übrig, alle sind falsch. Siehe "TLSA-Einträge passen zum Zertifikat".

### Warum sich etwas nicht herausfinden ließ

recv-unknown-dns-failed = DNS gab keine Antwort oder einen Fehler.
recv-unknown-dns-bogus = Die DNS-Antworten validieren nicht; wohin sie führen, kann ein Angreifer bestimmt haben.
recv-unknown-dns-indeterminate = Die Nameserver über dem Namen, bis hinauf zur Wurzel, ließen sich nicht fragen, oder unser Vertrauensanker ist falsch: Das kann am Netz liegen, von dem aus gemessen wurde.
recv-unknown-dns-limit = Die DNSSEC-Signaturen dieser Antwort zu prüfen, wäre mehr Arbeit, als wir für eine aufwenden (zu viele Schlüssel, Signaturen, Einträge oder Aliasse): unsere Grenze, kein Fehler der Domain.
recv-unknown-no-ipv6-here = Der Rechner, von dem aus gemessen wurde, hat kein IPv6.
recv-unknown-port25-closed-here = Port 25 scheint von unserer Seite aus gesperrt: Bei jeder Verbindung lief die Zeit ab.
recv-unknown-no-connection = Es kam keine Verbindung zustande.
recv-unknown-limited = Der Server begrenzt Verbindungen oder sagte, dass er gerade nicht verfügbar ist. Was er bis dahin gezeigt hatte, zählt.
recv-unknown-no-answer = Der Server antwortete nicht mehr oder sagte Unlesbares.
recv-unknown-out-of-time = Die Zeit für die Messung war um.
recv-unknown-out-of-connections = Es waren so viele Verbindungen verbraucht, wie eine Adresse bekommen darf.
recv-unknown-our-limit = Unser Client beherrscht nicht, was der Server will: unsere Grenze, kein Fehler des Servers.
recv-unknown-fetch-failed = Der Richtlinien-Server antwortete nicht so, dass es entschieden wäre; das kann vorübergehen.
recv-unknown-no-source = Dafür haben wir keine Quelle: Der Betreiber dieser Prüfung hat keine eingerichtet.
recv-unknown-source-failed = Die Quelle, die wir dafür fragen, antwortete nicht oder lehnte ab.
recv-unknown-cut = Es wurde ausgelassen, weil eine Grenze der Messung erreicht war.
recv-unknown-unlisted-issuer = Wir wissen nicht, unter welchen Namen CAA den Aussteller des jetzigen Zertifikats erlauben würde.
recv-unknown-depends-on-mail = Es hängt von der Mail ab: Ein Makro steht für die Adresse des Absenders oder für den Rechner, von dem die Mail kommt.
recv-unknown-any-name = Die Nameserver antworten auf einen Namen, den niemand veröffentlicht hat, genauso (ein Platzhalter, oder ein Signierer, der keine Namen leugnet); daraus lässt sich nichts schließen.
recv-not-tried-not-vouched-for = Die Adresse wurde nicht versucht: Weder SPF noch DKIM bürgt für den Absender.
recv-not-tried-special-address = Die Adresse wurde nicht versucht: Sie ist keine öffentliche oder die unsere.
recv-not-tried-excluded = Die Adresse wurde nicht versucht: Unser Betreiber schließt sie aus.
recv-not-tried-tried-often = Die Adresse wurde nicht versucht: Sie wurde heute so oft versucht wie erlaubt.
recv-not-tried-too-many = Die Adresse wurde nicht versucht: Es gibt mehr Rechner oder Adressen, als eine Messung nimmt.
recv-not-tried-out-of-time = Die Adresse wurde nicht versucht: Die Zeit für die Messung war um.
recv-not-tried-no-ipv6-here = Die Adresse wurde nicht versucht: Der Rechner, von dem aus gemessen wurde, hat kein IPv6.
recv-not-tried-not-asked = Die Adresse wurde nicht versucht: Gefragt war nach einer anderen.

### Tabellen

recv-servers-title = Mailserver
recv-servers-intro = In der Form von Lindenbergs Tabelle.
recv-servers-host = Mailserver (Priorität)
recv-servers-addresses = Adressen
recv-servers-root = Wurzelzertifikat
recv-servers-dnssec = DNSSEC
recv-servers-starttls = STARTTLS
recv-servers-versions = TLS-Versionen
recv-servers-certificate = Zertifikat
recv-servers-tlsa = TLSA
recv-servers-mta-sts = MTA-STS
recv-servers-dane = SMTP-DANE (RFC 7672)
recv-servers-sts = MTA-STS (RFC 8461)
recv-luxsci-title = LuxScis Tabelle
recv-luxsci-intro = Jeder Mailserver an seiner schlechtesten Adresse.
recv-luxsci-host = MX (Priorität)
recv-luxsci-tls = SMTP mit TLS
recv-luxsci-certificate = Zertifikat für
recv-luxsci-verifiable = Zertifikat prüfbar
recv-luxsci-ssl3 = SSL 3.0 aus
recv-luxsci-tls10 = TLS 1.0
recv-luxsci-tls12 = TLS 1.2
recv-luxsci-weak = Schwache Suites aus
recv-luxsci-r1 = Suites nach NIST 800-52r1
recv-luxsci-r2 = Suites nach NIST 800-52r2
recv-luxsci-mta-sts = MTA-STS
recv-luxsci-grade = Note
recv-luxsci-advice = Empfehlungen
recv-luxsci-offer-starttls = STARTTLS anbieten.
recv-luxsci-support-tls12 = TLS 1.2 einschalten.
recv-luxsci-turn-ssl3-off = SSL 3.0 und 2.0 abschalten.
recv-luxsci-use-trusted-certificate = Ein gültiges, öffentlich vertrauenswürdiges Zertifikat verwenden.
recv-luxsci-support-nist-r1 = Suites von NIST SP 800-52 Rev. 1 einschalten.
recv-luxsci-match-name = Ein Zertifikat für den Namen im MX-Eintrag verwenden.
recv-luxsci-turn-weak-suites-off = Schwache Suites abschalten.
recv-luxsci-support-nist-r2 = Suites von NIST SP 800-52 Rev. 2 einschalten.
recv-luxsci-publish-mta-sts = MTA-STS veröffentlichen.
recv-addresses-title = Adressen
recv-addresses-intro = Jede Adresse jedes Mailservers, über alle Verbindungen zu ihr.
recv-addresses-address = Adresse
recv-addresses-host = Mailserver
recv-addresses-greeting = Begrüßung
recv-addresses-versions = TLS-Versionen
recv-addresses-suites = Gesehene Suites
recv-addresses-groups = Gesehene Gruppen
recv-addresses-certificates = Zertifikate
recv-addresses-connections = Verbindungen
recv-addresses-age = Gemessen
recv-age-now = bei dieser Messung
recv-age-minutes = { $count ->
    [one] eine Minute vorher
   *[other] { $count } Minuten vorher
}
recv-certificates-title = Zertifikate im Einzelnen
recv-certificates-intro = Was die Server gesendet haben, jedes Zertifikat einmal.
recv-certificates-subject = Inhaber
recv-certificates-issuer = Aussteller
recv-certificates-names = Namen
recv-certificates-until = Gültig bis
recv-certificates-key = Schlüssel
recv-certificates-signature = Unterschrift
recv-certificates-sha256 = SHA-256
recv-networks-title = Netze
recv-networks-intro = Wer die Mailserver und Nameserver anbindet.
recv-networks-name = Netz
recv-networks-organisation = Organisation
recv-networks-country = Land
recv-networks-prefix = Präfix
recv-networks-as = AS
recv-networks-rpki = RPKI
recv-networks-addresses = Adressen
recv-networks-registrar = Registrar der Domain: { $registrar }
recv-purpose-mx = MX
recv-purpose-name-server = NS
recv-purpose-mx-name-server = NS des MX
recv-rpki-valid = gültig
recv-rpki-invalid = ungültig
recv-rpki-not-found = keine ROA
recv-rpki-not-asked = nicht gemessen
recv-unknown = nicht gemessen
recv-yes = ja
recv-no = nein
recv-cell-none = –
recv-cell-starttls = STARTTLS
    .present = angeboten
    .refused = verweigert
    .absent = nicht angeboten
recv-cell-mandatory = Pflicht
    .mandatory = Pflicht
    .optional = freiwillig
recv-cell-trust = Zertifikat
    .trusted = vertrauenswürdig
    .self-signed = selbst unterschrieben
    .untrusted = nicht vertrauenswürdig
    .expired = abgelaufen
    .not-yet-valid = noch nicht gültig
recv-cell-name = Name
    .matched = richtiger Name
    .unmatched = falscher Name
recv-cell-tlsa = TLSA
    .matched = passt
    .unmatched = passt nicht
    .unusable = nicht brauchbar
recv-cell-sts = MTA-STS
    .matched = in Ordnung
    .unlisted = nicht genannt
    .untrusted = Zertifikat nicht vertrauenswürdig
recv-reach-reached = erreicht
recv-reach-refused = abgelehnt
recv-reach-timed-out = keine Antwort
recv-reach-unreachable = nicht erreichbar
recv-reach-not-tried = nicht versucht
recv-envelope-title = Die Domain des Umschlagabsenders
recv-envelope-intro = Der Umschlag Ihrer Mail nennt { $domain }, die zu einer anderen Organisation gehört. Nach DNS allein:
recv-envelope-type = Typ
recv-envelope-records = Einträge
recv-envelope-dnssec = DNSSEC

### Was zu tun ist

recv-advice-title = Was zu tun ist
recv-advice-intro = Für die Verwalterin oder den Verwalter der Domain und ihrer Mailserver, das Wichtigste zuerst. Was absichtlich so ist, bleibt Ihre Entscheidung.
recv-advice-nothing = Nichts, was aus den Messungen folgt.
recv-advice-cost = Kostet Reichweite: { $cost }
recv-advice-postfix = Postfix
recv-advice-exim = Exim
recv-advice-openssl = openssl.cnf
recv-advice-dns = DNS
recv-advice-more = { $count ->
    [one] Dazu ein kleinerer Punkt: { $list }.
   *[other] Dazu { $count } kleinere Punkte: { $list }.
}

### Was nicht gemessen wurde, und der Aufwand

recv-unmeasured-title = Nicht gemessen
recv-unmeasured-intro = Nichts davon zählt für oder gegen die Domain.
recv-unmeasured-concerns = Betrifft: { $list }.
recv-unmeasured-groups = Betrifft { $count } Prüfungen zu: { $list }.
recv-unmeasured-nothing = Alles, was anwendbar ist, wurde gemessen.
recv-cuts = Durch eine Grenze der Messung ausgelassen: { $what } ({ $kept } von { $of } behalten).
recv-cuts-kept = Durch eine Grenze der Messung ausgelassen: { $what } ({ $kept } behalten).
recv-stopped-limited = { $ip } begrenzt Verbindungen ("{ $reason }"); was die Adresse bis dahin gezeigt hatte, zählt, der Rest wurde nicht gefragt.
recv-cost = Dies kostete { $connections ->
    [one] eine Verbindung
   *[other] { $connections } Verbindungen
} zu Mailservern, { $others ->
    [one] eine andere
   *[other] { $others } andere
}, { $queries } DNS-Anfragen und { $seconds ->
    [one] eine Sekunde
   *[other] { $seconds } Sekunden
}.
recv-cached = Ein Teil davon wurde { $minutes ->
    [one] eine Minute
   *[other] bis zu { $minutes } Minuten
} vorher gemessen, für diese Domain oder eine andere mit denselben Mailservern.
recv-depth-verdict = Gefragt wurde, was die Bewertungen entscheidet; --full listet alle Suites und Gruppen auf.
recv-depth-full = Alles wurde aufgelistet.
recv-helo = In EHLO haben wir uns { $helo } genannt.

### In der Auswertungsmail

receiving-answer-a-plus = Auch an { $domain } kann man sicher schreiben (A+){ $count ->
    [0] .
    [one] ; ein Punkt beim Empfang kann besser werden.
   *[other] ; { $count } Punkte beim Empfang können besser werden.
}
receiving-answer-a = Auch an { $domain } kann man sicher schreiben (A){ $count ->
    [0] .
    [one] ; ein Punkt beim Empfang kann besser werden.
   *[other] ; { $count } Punkte beim Empfang können besser werden.
}
receiving-answer-b = Mail an { $domain } wird verschlüsselt, doch darauf bestehen kann niemand (B).
receiving-answer-c = Mail an { $domain } kann verschlüsselt werden, doch ob Ihr Server der richtige ist, kann niemand erkennen (C).
receiving-answer-d = Mail an { $domain } kann verschlüsselt werden, aber nur auf veraltete Weise (D).
receiving-answer-f = An { $domain } kann man nicht sicher schreiben: Mindestens ein Server bietet keine Verschlüsselung an, oder was die Domain zum Schutz ihrer Mail veröffentlicht, schlägt fehl (F).
receiving-answer-unknown = Wie sicher man an { $domain } schreiben kann, ließ sich nicht ganz klären.
receiving-answer-no-mail = { $domain } selbst empfängt keine Mail.
receiving-none-intro = Wie gut Ihre eigene Domain Mail empfängt, wurde nicht gemessen.
receiving-running-intro = Wie gut Ihre eigene Domain Mail empfängt, wurde noch gemessen, als diese Auswertung fällig war.
receiving-scanned-intro = Wie gut { $domain } Mail empfängt, gemessen { $day }.
receiving-group-more = { $count ->
    [one] Und ein weiterer Punkt.
   *[other] Und { $count } weitere Punkte.
}
advice-receiving = Empfang, { $check }: { $todo }
advice-receiving-nothing = Empfang: nichts, was aus den Messungen folgt.

# What is worth to be known beside a finding, whatever the rating.
recv-note-spf-at-least = Welche Richtlinien manche Angaben nennen, hängt von der Mail ab; die Zahl der Nachfragen ist also das Mindeste.
recv-note-dmarc-capitals = Es gibt einen Eintrag, der mit V=DMARC1 beginnt. Bei den Namen der Angaben zählt die Schreibung (RFC 6376 §3.2), die meisten Empfänger sehen dort also keinen Eintrag: Schreiben Sie die Namen klein.
recv-note-policy-blank-lines = Die Richtlinie enthält Leerzeilen, die RFC 8461 §3.2 nicht vorsieht; die meisten Absender übergehen sie, manche verwerfen die Richtlinie.
recv-note-policy-media-type = Es gibt eine Richtlinie, aber sie wird nicht als text/plain ausgeliefert. Absender sollen das zurückweisen (RFC 8461 §3.2), und nicht alle tun es.
recv-note-caa-reports-in-clear = CAA-Berichte werden über HTTP ohne TLS gewünscht; nennen Sie besser eine https-Adresse.
recv-note-caa-reserved-flags = In einem CAA-Eintrag sind Flags gesetzt, die nichts bedeuten; Zertifizierungsstellen übergehen sie (RFC 8659 §4.1), nicht jeder Test tut das. Schreiben Sie 0, oder 128 für kritisch.

# Was dazu gesagt wird, wie gut eine Domain Mail empfängt, von den einzelnen Prüfungen abgesehen, auf Deutsch.

### Die Antwort

recv-about = Mailassay zur Mail an { $domain }, { $day }
recv-subject-a-plus = { $domain } empfängt Mail sicher (A+)
recv-subject-a = { $domain } empfängt Mail sicher (A)
recv-subject-b = { $domain } empfängt Mail verschlüsselt, doch niemand kann darauf bestehen (B)
recv-subject-c = { $domain } empfängt Mail verschlüsselt, doch niemand weiß, für wen (C)
recv-subject-d = { $domain } empfängt Mail mit veralteter Verschlüsselung (D)
recv-subject-f = { $domain } empfängt Mail nicht sicher (F)
recv-subject-unknown = Nicht eindeutig: Wie sicher { $domain } Mail empfängt
recv-subject-no-mail = { $domain } empfängt keine Mail
recv-subject-no-such-name = { $domain } gibt es nicht
recv-subject-profile-passed = { $domain } besteht „{ $profile }“: { $result }
recv-subject-profile-failed = { $domain } besteht „{ $profile }“ nicht: { $result }
recv-subject-profile-not-applicable = „{ $profile }“ trifft auf { $domain } nicht zu
recv-subject-profile-inconclusive = Nicht eindeutig: { $domain } nach „{ $profile }“: { $result }
recv-own-grade = Nach unseren eigenen Regeln: { $subject }.
recv-grade-a-plus = Die Domain sagt Absendern mit DANE (Zertifikate in signiertem DNS) und mit MTA-STS (eine Richtlinie, die ihre Server nennt), an wen sie verschlüsselt zustellen müssen: Wer eines davon beachtet, erreicht nur den richtigen Server. Fehler werden der Domain gemeldet, und nichts Ungenügendes wurde gefunden.
recv-grade-a = Die Domain veröffentlicht, welche Server die ihren sind und dass sie verschlüsseln: Absender, die das beachten, stellen nur verschlüsselt und nur an den richtigen Server zu; wer an der Leitung sitzt, kann daran nichts ändern.
recv-grade-b = Mail an diese Domain wird verschlüsselt, und ihre Server zeigen gültige Zertifikate. Aber weder DANE (Zertifikate in signiertem DNS) noch MTA-STS (eine Richtlinie, die die Server nennt) sagt Absendern, dass sie bei { $place } darauf bestehen sollen: Wer an der Leitung sitzt, kann noch immer erreichen, dass Mail unverschlüsselt kommt.
recv-grade-c = Mail an diese Domain kann verschlüsselt werden, aber das Zertifikat von { $place } ist weder für seinen Namen gültig noch durch DANE (Zertifikate in signiertem DNS) bestätigt: Absender können diesen Server nicht von dem eines Angreifers unterscheiden.
recv-grade-d = Mail an { $place } kann verschlüsselt werden, aber nur auf veraltete Weise.
recv-grade-d-old-version = Mail an { $place } kann verschlüsselt werden, aber nur mit veralteten TLS-Versionen vor 1.2.
recv-grade-d-no-forward-secrecy = Mail an { $place } kann verschlüsselt werden, aber ohne Forward Secrecy: Wer eines Tages den Schlüssel des Servers stiehlt, kann alle zuvor aufgezeichnete Mail lesen.
recv-grade-f = Mail an diese Domain ist nicht sicher.
recv-grade-f-no-starttls = { $place } bietet keine Verschlüsselung (STARTTLS) an: Wer an der Leitung sitzt, kann Mail dorthin lesen und verändern.
recv-grade-f-bogus = Die Signaturen (DNSSEC) von Namen, die zu { $place } führen, sind ungültig: Absender, die sie prüfen, können dort nicht zustellen.
recv-grade-f-tlsa-mismatch = { $place } zeigt ein Zertifikat, das zu keinem der TLSA-Einträge passt, die dafür veröffentlicht sind (DANE: Zertifikate in signiertem DNS): Absender mit DANE stellen dort nicht zu.
recv-grade-f-mta-sts-unfulfilled = { $place } erfüllt die eigene MTA-STS-Richtlinie der Domain nicht (die ihre Server nennt und gültige Zertifikate verlangt): Absender mit MTA-STS stellen dort nicht zu.
recv-grade-unknown = Eine Note ist nicht möglich, weil das, was nicht gemessen werden konnte, sie ändern könnte; das spricht weder für noch gegen die Domain.
recv-grade-no-mail = Die Domain hat weder MX-Einträge noch Adressen, empfängt also keine Mail. Es zählt, ob sie das deutlich sagt und ob niemand in ihrem Namen Mail verschicken kann.
recv-grade-no-mail-null = Die Domain sagt mit einem Null-MX, dass sie keine Mail empfängt. Es zählt, ob niemand in ihrem Namen Mail verschicken kann.
recv-open = { $count ->
    [one] Eine Prüfung war nicht möglich; siehe „Nicht gemessen“.
   *[other] { $count } Prüfungen waren nicht möglich; siehe „Nicht gemessen“.
}
recv-ground-no-starttls = { $place } bietet kein STARTTLS an.
recv-ground-bogus = Die Signaturen (DNSSEC) von Namen, die zu { $place } führen, sind ungültig.
recv-ground-tlsa-mismatch = Ein Zertifikat von { $place } passt zu keinem TLSA-Eintrag.
recv-ground-mta-sts-unfulfilled = { $place } erfüllt die geltende MTA-STS-Richtlinie nicht.
recv-ground-old-version = { $place } beherrscht kein TLS ab Version 1.2.
recv-ground-no-forward-secrecy = { $place } beherrscht keine Cipher-Suite mit Forward Secrecy (mit der ein später gestohlener Schlüssel keine aufgezeichnete Mail öffnet).
recv-ground-certificate-unproven = Das Zertifikat von { $place } ist weder gültig noch durch DANE bestätigt.
recv-ground-no-binding = Weder DANE noch eine geltende MTA-STS-Richtlinie verpflichtet Absender, bei { $place } auf Verschlüsselung zu bestehen.
recv-ground-one-binding-dane = Mail an { $place } ist durch DANE (Zertifikate in signiertem DNS) geschützt, aber nicht durch MTA-STS (eine Richtlinie, die die Server nennt), das viele große Absender stattdessen nutzen.
recv-ground-one-binding-mta-sts = Mail an { $place } ist durch MTA-STS (eine Richtlinie, die die Server nennt) geschützt, aber nicht durch DANE (Zertifikate in signiertem DNS), das keine Zertifizierungsstelle braucht.
recv-ground-one-binding-disagree = Bei { $place } stimmt nicht überein, was DANE, MTA-STS und die Zertifikate sagen.
recv-ground-no-tls-rpt = Für A+ fehlen Berichte über Fehler (TLSRPT).
recv-ground-insufficient = Für A+ darf nichts ungenügend sein; siehe unten.
recv-range = Je nachdem, was offen ist, liegt die Note zwischen { $worst } und { $best }. Offen: { $list }.
recv-port-25-closed = Jede Verbindung zu Port 25 lief ins Leere: Er scheint von hier aus gesperrt zu sein. Was eine solche Verbindung braucht, bleibt offen.
recv-failed = { $count ->
    [one] In der Note zählt nur die Verschlüsselung. Außerdem ist eine Prüfung nicht bestanden: { $list }.
   *[other] In der Note zählt nur die Verschlüsselung. Außerdem sind { $count } Prüfungen nicht bestanden: { $list }.
}
recv-failed-no-mail = { $count ->
    [one] Eine Prüfung ist nicht bestanden: { $list }.
   *[other] { $count } Prüfungen sind nicht bestanden: { $list }.
}
recv-no-such-name = Diesen Namen gibt es im DNS nicht (NXDOMAIN): Ist er richtig geschrieben?
recv-no-ipv6-here = Der Server, von dem aus gemessen wurde, hat kein IPv6; über IPv6 war deshalb nichts zu prüfen.
recv-not-vouched = Weder SPF noch DKIM bürgt für diese Domain, deshalb wurde keine Verbindung zu ihren Servern aufgebaut: Hier steht nur, was das DNS sagt.
recv-term = internet.nl { $now } · LuxSci { $luxsci } · Lindenberg: { $colour } · QTE: { $qte }
# Warum andere die Domain besser beurteilen oder schlechter.
recv-name-luxsci = LuxSci
recv-name-lindenberg = Lindenberg
recv-name-qte = QTE (qualifizierte Transportverschlüsselung)
recv-others-overlook = { $count ->
    [one] { $list } beachtet nicht, { $what }.
   *[other] { $list } beachten nicht, { $what }.
}
recv-overlooked-tlsa-mismatch = ob TLSA-Einträge passen
recv-overlooked-mta-sts-unfulfilled = ob die MTA-STS-Richtlinie erfüllt ist
recv-overlooked-bogus = ob die Signaturen der TLSA-Einträge gültig sind
recv-others-more = Unsere Note sagt, wie sicher Mail ankommt; internet.nl beanstandet mehr: { $list }.

### Ergebnisse

recv-results-title = Ergebnisse
recv-results-intro = Dieselben Messungen, nach verschiedenen Regeln bewertet. Unsere Note reicht von A+ (am besten) bis F (am schlechtesten).
recv-profile-mailassay = Unsere Note
recv-profile-internetnl-2025 = internet.nl, Regeln von 2025
recv-profile-internetnl-v2 = internet.nl, Regeln bis 2025
recv-profile-luxsci = LuxSci TLS Checker
recv-profile-lindenberg = Lindenbergs Empfangstest
recv-profile-qte = Qualifizierte Transportverschlüsselung (DSK)
recv-profile-bsi = BSI TR-03108 (gemessen, nicht zertifiziert)
recv-profile-no-mail = Domain ohne Mail
recv-score = { $score } %
recv-score-range = { $low }–{ $high } %
recv-score-none = nicht gemessen
recv-score-open = Das Ergebnis liegt zwischen { $low } % und { $high } %, je nach dem Ausgang von Prüfungen, die nicht möglich waren.
recv-score-dropped = Nicht gemessen und deshalb nicht im Mittel: { $list }.
recv-hall = Das reicht für die Hall of Fame von internet.nl.
recv-changed = Was die Regeln von 2025 für diese Domain geändert haben: { $list }.
recv-changed-check = { $check } (vorher { $before }, jetzt { $now })
recv-unchanged = Die Regeln von 2025 und die älteren urteilen bei jedem gemessenen Punkt gleich; wo sich die Ergebnisse unterscheiden, sind die Punkte anders gewichtet.
recv-luxsci-worst = Es zählt der schlechteste Mailserver: { $host }.
recv-luxsci-forced = „Forced TLS“ wäre möglich: Jeder Mailserver beherrscht TLS mit zugelassenen Suites.
recv-luxsci-not-forced = „Forced TLS“ wäre nicht möglich: Nicht jeder Mailserver beherrscht TLS mit zugelassenen Suites.
recv-luxsci-forced-unknown = Ob „Forced TLS“ möglich wäre, war nicht zu erkennen.
recv-colour-green = grün
recv-colour-white = weiß
recv-colour-yellow = gelb
recv-colour-red = rot
recv-colour-grey = grau
recv-colour-green-means = DANE (RFC 7672) oder qualifizierte Transportverschlüsselung ist bei jedem Mailserver möglich.
recv-colour-white-means = Jeder Mailserver verschlüsselt und zeigt ein gültiges Zertifikat.
recv-colour-yellow-means = Jeder Mailserver verschlüsselt, aber nicht jedes Zertifikat ist gültig.
recv-colour-red-means = Mindestens ein Mailserver verschlüsselt nicht.
recv-colour-grey-means = Das war nicht zu erkennen.
recv-qte-yes = möglich
recv-qte-no = nicht möglich
recv-qte-unknown = nicht eindeutig
recv-qte-yes-means = Die Domain ermöglicht sie: STARTTLS ab TLS 1.2 mit Forward Secrecy, signierte MX-Einträge und Adressen sowie Zertifikate, die gültig oder durch DANE bestätigt sind. Ob sie erzwungen wird, hängt vom Absender ab.
recv-qte-no-means = Die Domain ermöglicht sie nicht. Nötig sind bei jedem Mailserver STARTTLS ab TLS 1.2 mit Forward Secrecy, signierte MX-Einträge und Adressen sowie ein Zertifikat, das gültig oder durch DANE bestätigt ist.
recv-qte-unknown-means = Nicht alles, was dafür nötig ist, konnte gemessen werden.
recv-qte-missing = Es fehlt: { $list }.
recv-qte-starttls = STARTTLS
recv-qte-version = TLS ab 1.2
recv-qte-suite = eine Suite der BSI TR-02102-2 mit Forward Secrecy
recv-qte-signed-mx = signierte MX-Einträge
recv-qte-signed-addresses = signierte Adressen
recv-qte-authentication = ein Zertifikat, das gültig oder durch DANE bestätigt ist
recv-bsi-gold = Gold
recv-bsi-silver = Silber
recv-bsi-neither = weder Gold noch Silber
recv-bsi-gold-means = Jeder Mailserver hat zeitgemäßes TLS, signierte Namen und DANE: was das BSI für Gold verlangt.
recv-bsi-silver-means = Jeder Mailserver hat zeitgemäßes TLS, und MTA-STS oder DANE bindet Absender an ihn: was das BSI für Silber verlangt.
recv-bsi-neither-means = Nicht jeder Mailserver hat, was das BSI verlangt: zeitgemäßes TLS und dazu signierte Namen mit DANE (Gold) oder MTA-STS (Silber).
recv-bsi-unknown-means = Nicht alles, was dazu nötig ist, ließ sich messen.
recv-bsi-measured = Das ist von außen gemessen und kein Zertifikat des BSI.
recv-bsi-missing = Es fehlt: { $list }.
recv-bsi-tls = STARTTLS ab TLS 1.2 und eine Suite der BSI TR-02102-2 mit Forward Secrecy
recv-bsi-dnssec = signierte MX-Einträge und Adressen
recv-bsi-dane = passende signierte TLSA-Einträge
recv-bsi-mta-sts = eine MTA-STS-Richtlinie in Kraft, die jeder Mailserver erfüllt
recv-no-mail-good = Die Domain sagt deutlich, dass sie Mail weder annimmt noch verschickt: Null-MX, SPF „-all“, DMARC reject.
recv-no-mail-bad = Die Domain sagt nicht deutlich, dass sie Mail weder annimmt noch verschickt. Es fehlt: { $list }.
recv-no-mail-null-mx = ein Null-MX
recv-no-mail-spf = SPF „-all“
recv-no-mail-dmarc = DMARC reject
recv-no-mail-open = Nicht alles, womit die Domain das sagen könnte, konnte nachgeschlagen werden.

### Die Kategorien von internet.nl

recv-categories-title = Die Kategorien von internet.nl
recv-categories-intro = Nach den Regeln von 2025.
recv-categories-former = Regeln bis 2025: { $score }.
recv-inl-failed = Nicht bestanden: { $list }.
recv-verdict-passed = bestanden
recv-verdict-failed = nicht bestanden
recv-verdict-recommendation = Empfehlung
recv-verdict-info = Hinweis
recv-verdict-inconclusive = nicht eindeutig
recv-verdict-not-measured = nicht gemessen
recv-inl-ipv6 = Moderne Adressen (IPv6)
    .short = IPv6
    .passed = Absender, die nur IPv6 haben, können die Mailserver finden und erreichen.
    .recommendation = Absender, die nur IPv6 haben, erreichen die Mailserver; etwas kann besser werden.
    .info = Es gibt nichts zu messen.
    .inconclusive = Nicht alles zu IPv6 ließ sich herausfinden.
    .not-measured = IPv6 wurde nicht gemessen.
recv-inl-dnssec = Signierte Namen (DNSSEC)
    .short = DNSSEC
    .passed = Die Domain und die Namen ihrer Mailserver sind signiert, und die Signaturen sind gültig.
    .recommendation = Die Namen sind signiert; etwas kann besser werden.
    .info = Es gibt nichts zu messen.
    .inconclusive = Nicht alles zu den Signaturen ließ sich herausfinden.
    .not-measured = DNSSEC wurde nicht gemessen.
recv-inl-auth = Echtheit (SPF, DKIM, DMARC)
    .short = Echtheit
    .passed = Die Domain veröffentlicht, was Empfänger brauchen, um gefälschte Mail in ihrem Namen zu erkennen. Bei DKIM ist das geraten.
    .recommendation = Empfänger können gefälschte Mail erkennen; etwas kann besser werden.
    .info = Es gibt nichts zu messen.
    .inconclusive = Nicht alles zu SPF, DKIM und DMARC ließ sich herausfinden.
    .not-measured = SPF, DKIM und DMARC wurden nicht gemessen.
recv-inl-tls = Sichere Verbindung (STARTTLS und DANE)
    .short = Verbindung
    .passed = Mail kommt über hinreichend sichere Verbindungen, und DANE bindet sie an den richtigen Server.
    .recommendation = Die Verbindungen sind hinreichend sicher; etwas kann besser werden.
    .info = Es gibt nichts zu messen.
    .inconclusive = Nicht alles zu den Verbindungen ließ sich herausfinden.
    .not-measured = Verbindungen wurden nicht gemessen.
recv-inl-rpki = Autorisierte Routen (RPKI)
    .short = Routen
    .passed = Die Routen zu den Servern sind autorisiert, und ihre Ankündigungen sind gültig.
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
recv-legend = { "✔" } gut oder ausreichend, { "!" } sollte ersetzt werden, { "✘" } ungenügend, { "–" } zur Kenntnis oder nicht anwendbar, { "?" } nicht messbar.
recv-level-good = gut
recv-level-sufficient = ausreichend
recv-level-phase-out = veraltet
recv-level-insufficient = ungenügend
recv-level-info = Hinweis
recv-level-not-scored = Hinweis
recv-level-not-applicable = entfällt
recv-level-inconclusive = nicht gemessen
recv-levels = Andere bewerten das anders: { $list }.
recv-levels-one = { $profile }: { $level }
recv-more-possible = Es kann mehr davon geben, aber nichts Schlechteres.
recv-worse-possible = Schlechteres ist nicht auszuschließen: { $why }
recv-more-items = { $list } und { $count } weitere
recv-evidence = Belege
recv-fine = { $count ->
    [one] Eine Prüfung in Ordnung oder zur Kenntnis
   *[other] { $count } Prüfungen in Ordnung oder zur Kenntnis
}

### Warum sich eine Frage nicht stellt

recv-inapplicable-no-mail = Die Domain empfängt keine Mail.
recv-inapplicable-no-address = Es gibt keinen Mailserver mit einer solchen Adresse.
recv-inapplicable-no-ipv6-name-server = Kein Nameserver hat IPv6.
recv-inapplicable-unsigned = Es ist nicht signiert.
recv-inapplicable-no-record = Es gibt keinen solchen Eintrag.
recv-inapplicable-no-starttls = Die Adresse bietet kein STARTTLS an.
recv-inapplicable-other-address-counts = Eine andere Adresse des Mailservers hat geantwortet und zählt.
recv-inapplicable-only-tls13 = TLS 1.2 und älter sind abgeschaltet, und nur dafür gilt dies.
recv-inapplicable-no-tls13 = TLS 1.3 ist abgeschaltet, und nur dafür gilt dies.
recv-inapplicable-nothing-to-order = Es gibt nichts auszuwählen.
recv-inapplicable-no-such-parameter = Die verwendeten Suites haben keinen solchen Parameter.
recv-inapplicable-only-for-trials = Das zeigt nur eine Mail von Ihnen.
recv-inapplicable-only-intrusive = Das wird nur mit --intrusive geprüft, vom Betreiber des Servers.
recv-inapplicable-only-full = Das wird nur mit --full geprüft.
recv-inapplicable-no-certificate = Es gab kein Zertifikat, mit dem sich das vergleichen ließe.
recv-inapplicable-no-renewal = Es gibt kein Zertifikat, das ein Programm binnen weniger Monate erneuert.
recv-inapplicable-none-fits = Kein Eintrag passt zu dem, was der Mailserver zeigt: Übrig ist hier keiner, alle sind falsch. Siehe „TLSA-Einträge passen zum Zertifikat“.

### Warum sich etwas nicht herausfinden ließ

recv-unknown-dns-failed = Das DNS gab keine Antwort oder einen Fehler.
recv-unknown-dns-bogus = Die Signaturen (DNSSEC) der Antworten sind ungültig; wohin sie führen, kann ein Angreifer bestimmt haben.
recv-unknown-dns-indeterminate = Die Nameserver über dem Namen, bis hinauf zur Wurzel, ließen sich nicht fragen, oder unser Vertrauensanker ist falsch: Das kann am Netz liegen, von dem aus gemessen wurde.
recv-unknown-dns-limit = Die DNSSEC-Signaturen dieser Antwort zu prüfen, wäre mehr Arbeit, als wir für eine aufwenden (zu viele Schlüssel, Signaturen, Einträge oder Aliasse): unsere Grenze, kein Fehler der Domain.
recv-unknown-dns-algorithm = Die Zone ist nur mit Verfahren 16 (Ed448) signiert, das wir nicht prüfen können: unsere Grenze, kein Fehler der Domain. Andere Validatoren können das und finden sie womöglich in Ordnung.
recv-unknown-no-ipv6-here = Der Server, von dem aus gemessen wurde, hat kein IPv6.
recv-unknown-port25-closed-here = Port 25 scheint dort gesperrt zu sein, von wo aus gemessen wurde: Jede Verbindung lief ins Leere.
recv-unknown-no-connection = Es kam keine Verbindung zustande.
recv-unknown-limited = Der Server hat uns vorläufig abgewiesen (4yz) oder begrenzt die Zahl der Verbindungen. Was er bis dahin gezeigt hatte, zählt.
recv-unknown-rejected = Der Server weist den Host, von dem aus gemessen wurde, endgültig ab (5yz). Was er anderen zeigt, war nicht zu sehen.
recv-unknown-unsteady = Von zwei Verbindungen bekam eine STARTTLS angeboten, die andere nicht, oder es wurde ihr verweigert: Die Maschinen hinter der Adresse sind verschieden, oder sie behandeln Clients verschieden.
recv-unknown-not-asked = Danach wurde nicht gefragt: Die Messung ist aus der Zeit vor dieser Frage.
recv-unknown-no-answer = Der Server antwortete nicht mehr oder unlesbar.
recv-unknown-out-of-time = Die Zeit für die Messung war abgelaufen.
recv-unknown-out-of-connections = Die Zahl der Verbindungen, die wir einer Adresse zumuten, war erreicht.
recv-unknown-our-limit = Unser Client beherrscht nicht, was der Server will: unsere Grenze, kein Fehler des Servers.
recv-unknown-fetch-failed = Der Webserver der Richtlinie antwortete nicht so, dass es entschieden wäre; das kann vorübergehen.
recv-unknown-no-source = Dafür fehlt uns eine Quelle: Der Betreiber dieses Tests hat keine eingerichtet.
recv-unknown-source-failed = Die Quelle, die wir dafür fragen, hat nicht oder ablehnend geantwortet.
recv-unknown-cut = Es wurde ausgelassen, weil eine Grenze der Messung erreicht war: unsere Grenze, kein Fehler der Domain.
recv-unknown-unlisted-issuer = Wir wissen nicht, unter welchen Namen CAA den Aussteller des jetzigen Zertifikats erlauben würde.
recv-unknown-depends-on-mail = Es hängt von der Mail ab: Ein Makro steht für die Adresse des Absenders oder für den Server, von dem die Mail kommt.
recv-unknown-any-name = Die Nameserver antworten auf einen Namen, den niemand veröffentlicht hat, genauso (ein Platzhalter, oder ein Signierer, der keine Namen leugnet); daraus lässt sich nichts schließen.
recv-not-tried-not-vouched-for = Die Adresse wurde nicht geprüft: Weder SPF noch DKIM bürgt für den Absender.
recv-not-tried-special-address = Die Adresse wurde nicht geprüft: Sie ist nicht öffentlich oder gehört uns.
recv-not-tried-excluded = Die Adresse wurde nicht geprüft: Unser Betreiber schließt sie aus.
recv-not-tried-tried-often = Die Adresse wurde nicht geprüft: Sie wurde heute schon so oft geprüft wie erlaubt.
recv-not-tried-too-many = Die Adresse wurde nicht geprüft: Es gibt mehr Mailserver oder Adressen, als eine Messung umfasst.
recv-not-tried-out-of-time = Die Adresse wurde nicht geprüft: Die Zeit für die Messung war abgelaufen.
recv-not-tried-no-ipv6-here = Die Adresse wurde nicht geprüft: Der Server, von dem aus gemessen wurde, hat kein IPv6.
recv-not-tried-not-asked = Die Adresse wurde nicht geprüft: Gefragt war nach einer anderen.

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
recv-certificates-intro = Was die Server gezeigt haben, jedes Zertifikat einmal.
recv-certificates-subject = Inhaber
recv-certificates-issuer = Aussteller
recv-certificates-names = Namen
recv-certificates-until = Gültig bis
recv-certificates-key = Schlüssel
recv-certificates-signature = Signatur
recv-certificates-sha256 = SHA-256
recv-networks-title = Netze
recv-networks-intro = In welchen Netzen die Mailserver und Nameserver stehen.
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
    .unfit = nicht für Server
    .self-signed = selbstsigniert
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
recv-envelope-title = Die Domain des Envelope-Absenders
recv-envelope-intro = Der Envelope-Absender Ihrer Mail liegt in { $domain }, die zu einer anderen Organisation gehört. Nur nach dem DNS:
recv-envelope-type = Typ
recv-envelope-records = Einträge
recv-envelope-dnssec = DNSSEC
recv-security-secure = signiert und gültig
recv-security-insecure = nicht signiert
recv-security-bogus = Signatur ungültig
recv-security-indeterminate = nicht zu erkennen

### Was zu tun ist

recv-advice-title = Was zu tun ist
recv-advice-intro = Für alle, die die Domain und ihre Mailserver verwalten, das Dringendste zuerst. Was absichtlich so ist, bleibt Ihre Entscheidung. Setzen Sie für Pfade und Adressen Ihre eigenen ein.
recv-advice-nothing = Nichts, was aus den Messungen folgt.
recv-advice-cost = Wer damit ausgesperrt wird: { $cost }
recv-advice-postfix = Postfix
recv-advice-exim = Exim
recv-advice-openssl = openssl.cnf
recv-advice-dns = DNS-Zone
recv-advice-policy-file = Die Datei https://mta-sts.{ $domain }/.well-known/mta-sts.txt
recv-advice-exim-openssl = Exim mit OpenSSL
recv-advice-exim-gnutls = Exim mit GnuTLS
recv-advice-opensmtpd = OpenSMTPD
recv-advice-opendkim = OpenDKIM (opendkim.conf)
recv-advice-exchange = Exchange Online (PowerShell)
recv-advice-command = Befehl
recv-advice-provider = Verwaltet jemand anders die Mailserver oder das DNS? Schicken Sie ihm das:
    .text = „Bitte kümmern Sie sich bei { $domain } darum: { $list }“
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
recv-stopped-limited = { $ip } begrenzt die Zahl der Verbindungen („{ $reason }“); was die Adresse bis dahin gezeigt hatte, zählt, der Rest wurde nicht geprüft.
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
recv-depth-verdict = Geprüft wurde nur, was die Bewertungen entscheidet; --full listet alle Suites und Gruppen auf.
recv-depth-full = Alles wurde aufgelistet.
recv-helo = In EHLO haben wir uns als { $helo } gemeldet.

### In der Auswertungsmail

receiving-title = Empfang
receiving-answer-a-plus = An { $domain } kann man sicher schreiben (Note A+, die beste).
receiving-answer-a = An { $domain } kann man sicher schreiben (Note A von A+ bis F).
receiving-better = { $count ->
    [one] Ein Punkt beim Empfang kann besser werden.
   *[other] { $count } Punkte beim Empfang können besser werden.
}
receiving-answer-b = Mail an { $domain } wird verschlüsselt, doch niemand kann darauf bestehen (Note B von A+ bis F).
receiving-answer-c = Mail an { $domain } kann verschlüsselt werden, doch niemand kann erkennen, ob { $place } der richtige Server ist (Note C von A+ bis F).
receiving-answer-d = Mail an { $domain } kann verschlüsselt werden, aber nur auf veraltete Weise (Note D von A+ bis F).
receiving-answer-f = An { $domain } kann man nicht sicher schreiben (Note F von A+ bis F).
receiving-answer-f-no-starttls = An { $domain } kann man nicht sicher schreiben: { $place } bietet keine Verschlüsselung an (Note F von A+ bis F).
receiving-answer-f-bogus = Ein Teil der Mail an { $domain } kann zurzeit nicht zugestellt werden: Die Signaturen (DNSSEC) von Namen, die zu { $place } führen, sind ungültig (Note F von A+ bis F).
receiving-answer-f-tlsa-mismatch = Ein Teil der Mail an { $domain } wird zurzeit abgewiesen: { $place } zeigt ein Zertifikat, das nicht zu dem passt, was dafür mit DANE veröffentlicht ist (Note F von A+ bis F).
receiving-answer-f-mta-sts-unfulfilled = Ein Teil der Mail an { $domain } wird zurzeit abgewiesen: { $place } erfüllt die MTA-STS-Richtlinie nicht, die die Domain selbst veröffentlicht (Note F von A+ bis F).
receiving-answer-unknown = Wie sicher man an { $domain } schreiben kann, war nicht vollständig zu klären.
receiving-answer-no-mail = { $domain } selbst empfängt keine Mail.
receiving-none-intro = Wie gut Ihre eigene Domain Mail empfängt, wurde nicht gemessen.
receiving-running-intro = Wie gut Ihre eigene Domain Mail empfängt, wurde noch gemessen, als diese Auswertung fällig war.
receiving-scanned-intro = Wie gut { $domain } Mail empfängt, gemessen am { $day }.
receiving-well = In Ordnung: { $list }.
receiving-nothing = Nichts zu messen: { $list }.
receiving-group-more = { $count ->
    [one] Und ein weiterer Punkt.
   *[other] Und { $count } weitere Punkte.
}
advice-receiving = Empfang: { $todo }
recv-note-spf-at-least = Welche Richtlinien manche Angaben nennen, hängt von der Mail ab; die Zahl der Nachfragen ist also das Mindeste.
recv-note-dmarc-capitals = Es gibt einen Eintrag, der mit V=DMARC1 beginnt. Bei den Namen der Angaben zählt die Schreibung (RFC 6376 §3.2), die meisten Empfänger sehen dort also keinen Eintrag: Schreiben Sie die Namen klein.
recv-note-policy-blank-lines = Die Richtlinie enthält Leerzeilen, die RFC 8461 §3.2 nicht vorsieht; die meisten Absender übergehen sie, manche verwerfen die Richtlinie.
recv-note-policy-media-type = Es gibt eine Richtlinie, aber sie wird nicht als text/plain ausgeliefert. Absender sollen das zurückweisen (RFC 8461 §3.2), und nicht alle tun es.
recv-note-caa-reports-in-clear = CAA-Berichte werden über HTTP ohne TLS gewünscht; nennen Sie besser eine https-Adresse.
recv-note-caa-reserved-flags = In einem CAA-Eintrag sind Flags gesetzt, die nichts bedeuten; Zertifizierungsstellen übergehen sie (RFC 8659 §4.1), nicht jeder Test tut das. Schreiben Sie 0, oder 128 für kritisch.
advice-sending = Versand: { $todo }

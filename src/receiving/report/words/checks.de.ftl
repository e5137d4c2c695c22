# Was zu jeder Prüfung auf Deutsch gesagt wird. Aufbau und Namen wie in checks.en.ftl.
# Kein Text darf mehr behaupten, als gemessen wurde.

### MX

check-mx-records = MX-Einträge
    .present = Die Domain nennt ihre Mailserver mit MX-Einträgen.
    .null = Die Domain sagt mit einem Null-MX, dass sie keine Mail empfängt.
    .several = Neben anderen MX-Einträgen steht ein Null-MX; Absender können nicht wissen, ob die Domain Mail empfängt.
    .fallback = Es gibt keine MX-Einträge; Absender nehmen ersatzweise die Adressen der Domain selbst.
    .absent = Es gibt weder MX-Einträge noch Adressen: Die Domain kann keine Mail empfangen.
    .why = MX-Einträge sagen, welche Server Mail für eine Domain annehmen. Ohne sie versuchen es Absender bei den Adressen der Domain, was selten gemeint ist. Eine Domain, die keine Mail annimmt, sollte das sagen, damit Mail an sie sofort scheitert und nicht erst nach Tagen.
    .todo = Veröffentlichen Sie einen MX-Eintrag für jeden Mailserver oder, wenn die Domain keine Mail empfängt, allein einen Null-MX.
check-mx-duplicates = Doppelte MX-Einträge
    .absent = Kein Mailserver ist doppelt eingetragen.
    .present = Ein Mailserver steht in mehr als einem MX-Eintrag.
    .why = Absender, die alle Einträge der Reihe nach versuchen, versuchen denselben Mailserver mehrmals, und vielleicht gilt die falsche Priorität.
    .todo = Behalten Sie für jeden Mailserver einen MX-Eintrag.
check-mx-consistency = MX-Einträge auf allen Nameservern
    .same = Alle Nameserver, die geantwortet haben, nennen dieselben MX-Einträge.
    .differs = Nicht alle Nameserver nennen dieselben MX-Einträge.
    .why = Welchen davon ein Absender fragt, ist Zufall. Solange sich eine Änderung verbreitet, ist ein Unterschied normal; bleibt er, hat ein Nameserver einen alten Stand der Zone. Ein Nameserver, der schweigt oder die Zone nicht kennt, kostet mehr als Zeit: Zertifizierungsstellen müssen vor jeder Ausstellung nach CAA fragen und verweigern einer signierten Domain das Zertifikat, wenn das scheitert.
    .todo = Vergleichen Sie die Seriennummern der Zone auf allen Nameservern, und reparieren Sie die Übertragung zu dem, der zurückliegt.
check-mx-target = Worauf der MX-Eintrag zeigt
    .sound = Der MX-Eintrag zeigt auf einen Hostnamen mit Adressen.
    .alias = Der MX-Eintrag zeigt auf einen Alias (CNAME); RFC 2181 §10.3 verbietet das.
    .literal = Im MX-Eintrag steht eine IP-Adresse, wo ein Hostname stehen muss.
    .no-address = Der Host, den der MX-Eintrag nennt, hat keine Adresse.
    .private = Der Host, den der MX-Eintrag nennt, hat eine Adresse, die vom Internet aus nicht erreichbar ist.
    .why = Viele Absender folgen einem Alias trotzdem, andere lehnen ihn ab, und Zertifikate und TLSA-Einträge werden dann unter verschiedenen Namen gesucht. Einer Adresse anstelle eines Namens folgen nur wenige.
    .todo = Nennen Sie im MX-Eintrag einen Mailserver, der eigene A- und AAAA-Einträge hat und von überall erreichbar ist.

### IPv6

check-ns-aaaa = IPv6-Adressen der Nameserver
    .all = Mindestens zwei Nameserver der Domain haben eine IPv6-Adresse.
    .one = Nur ein Nameserver der Domain hat eine IPv6-Adresse.
    .absent = Kein Nameserver der Domain hat eine IPv6-Adresse.
    .why = Ein Absender, der nur IPv6 hat, findet die Domain allein über einen solchen Nameserver; einer davon kann ausfallen. BCP 91 (RFC 10001) verlangt Nameserver, die über beide Protokolle antworten.
    .todo = Bitten Sie den Betreiber der Nameserver um IPv6-Adressen für mindestens zwei von ihnen.
check-ns-reach = Nameserver antworten über IPv6
    .all = Jede IPv6-Adresse der Nameserver antwortet.
    .one = Die IPv6-Adressen der Nameserver antworten, gehören aber zu einem einzigen Server.
    .partly = Manche IPv6-Adressen der Nameserver antworten nicht.
    .unreachable = Keine IPv6-Adresse der Nameserver antwortet.
    .why = Eine veröffentlichte Adresse, die nicht antwortet, kostet jeden Resolver mit IPv6 Sekunden und vielleicht die Antwort.
    .todo = Sorgen Sie dafür, dass die Nameserver auf jeder veröffentlichten IPv6-Adresse an Port 53 über UDP und TCP antworten, oder entfernen Sie die Adresse.
check-mx-aaaa = IPv6-Adresse des Mailservers
    .present = Der Mailserver hat eine IPv6-Adresse.
    .absent = Der Mailserver hat keine IPv6-Adresse.
    .why = Absender, die nur IPv6 haben, erreichen ihn nicht.
    .todo = Geben Sie dem Mailserver eine IPv6-Adresse, lassen Sie ihn dort Verbindungen annehmen, und veröffentlichen Sie einen AAAA-Eintrag.
check-mx-reach = Mailserver über IPv6 erreichbar
    .all = Port 25 antwortet auf jeder IPv6-Adresse des Mailservers.
    .partly = Port 25 antwortet auf manchen IPv6-Adressen des Mailservers nicht.
    .unreachable = Port 25 antwortet auf keiner IPv6-Adresse des Mailservers.
    .why = Absender versuchen es zuerst mit IPv6, warten vergeblich und nehmen erst dann IPv4. Absender, die nur IPv6 haben, können nicht zustellen.
    .todo = Lassen Sie den Mailserver auf seinen IPv6-Adressen Verbindungen annehmen, und öffnen Sie Port 25 in der Firewall, oder entfernen Sie den AAAA-Eintrag.
check-mx-reach-ipv4 = Mailserver über IPv4 erreichbar
    .all = Port 25 antwortet auf jeder IPv4-Adresse des Mailservers.
    .partly = Port 25 antwortet auf manchen IPv4-Adressen des Mailservers nicht.
    .unreachable = Port 25 antwortet auf keiner IPv4-Adresse des Mailservers.
    .absent = Der Mailserver hat keine IPv4-Adresse.
    .why = Die meisten Absender kommen noch über IPv4. Ein Mailserver, der nicht antwortet, verzögert Mail, bis der Absender einen anderen versucht.
    .todo = Lassen Sie den Mailserver auf seinen IPv4-Adressen Verbindungen annehmen, und öffnen Sie Port 25 in der Firewall.
check-mx-ns-reach = Nameserver der Zone des Mailservers über IPv6
    .all = Jede IPv6-Adresse der Nameserver für die Zone des Mailservers antwortet.
    .partly = Manche IPv6-Adressen der Nameserver für die Zone des Mailservers antworten nicht.
    .unreachable = Keine IPv6-Adresse der Nameserver für die Zone des Mailservers antwortet.
    .absent = Kein Nameserver für die Zone des Mailservers hat eine IPv6-Adresse.
    .why = Ein Absender, der nur IPv6 hat, muss auch den Mailserver nachschlagen können, nicht nur die Domain.
    .todo = Bitten Sie den Betreiber der Zone des Mailservers um Nameserver, die über IPv6 antworten.

### DNSSEC

check-dnssec-domain-signed = Domain signiert
    .present = Die Domain ist mit DNSSEC signiert.
    .absent = Die Domain ist nicht mit DNSSEC signiert.
    .why = Ohne Signatur kann ein Angreifer die MX-Einträge fälschen und Mail auf einen anderen Server lenken. DANE braucht DNSSEC.
    .todo = Lassen Sie die Zone signieren und den DS-Eintrag vom Registrar veröffentlichen. Viele Anbieter tun beides auf Wunsch.
check-dnssec-domain-valid = Domain validiert
    .secure = Die Signaturen der Domain sind gültig.
    .insecure = Die Zone hat Schlüssel, aber keine Vertrauenskette führt zu ihnen: Ihr DS-Eintrag fehlt, oder die Zone darüber ist nicht signiert. Sie gilt als nicht signiert.
    .bogus = Die Signaturen der Domain sind ungültig: Resolver, die sie prüfen, geben überhaupt keine Antwort.
    .unsupported = Die Domain ist mit einem Verfahren signiert, das Validatoren nicht unterstützen, und gilt als nicht signiert (RFC 4035 §5.2). RFC 9904 empfiehlt Verfahren 13.
    .why = Ungültige Signaturen sind schlimmer als keine: Wer sie prüft, kann der Domain keine Mail schicken. Seit März 2026 müssen auch Zertifizierungsstellen prüfen (CA/Browser-Forum, SC-085): Das nächste Zertifikat wird verweigert.
    .todo = Erneuern Sie die Signaturen, und vergleichen Sie den DS-Eintrag der übergeordneten Zone mit den Schlüsseln der Zone.
check-dnssec-mx-signed = Name des Mailservers signiert
    .present = Der Name des Mailservers ist mit DNSSEC signiert.
    .absent = Der Name des Mailservers ist nicht mit DNSSEC signiert.
    .why = Eine signierte Domain hilft wenig, wenn sich die Adressen ihrer Mailserver fälschen lassen. DANE braucht beides.
    .todo = Lassen Sie die Zone des Mailservers signieren, oder bitten Sie deren Betreiber darum. Tut er es nicht, ist DANE dort nicht zu haben.
check-dnssec-mx-valid = Name des Mailservers validiert
    .secure = Die Signaturen des Mailservernamens sind gültig.
    .insecure = Der Name des Mailservers ist ein Alias in einer signierten Zone, und wofür er steht, ist nicht signiert.
    .bogus = Die Signaturen des Mailservernamens sind ungültig: Absender, die sie prüfen, finden ihn nicht.
    .why = Ungültige Signaturen sind schlimmer als keine: Wer sie prüft, kann diesem Mailserver keine Mail schicken, und Zertifizierungsstellen, die seit März 2026 prüfen müssen (CA/Browser-Forum, SC-085), stellen für ihn kein Zertifikat aus.
    .todo = Erneuern Sie die Signaturen der Zone des Mailservers, und vergleichen Sie den DS-Eintrag der übergeordneten Zone mit ihren Schlüsseln.
check-dnssec-mx-rrset = Zustand der MX-Einträge
    .secure = Die MX-Einträge sind signiert und gültig.
    .insecure = Die MX-Einträge sind nicht signiert; Absender können nicht wissen, ob sie echt sind.
    .bogus = Die Signaturen der MX-Einträge sind ungültig: Absender, die sie prüfen, können die Einträge nicht nutzen.
    .why = DANE und qualifizierte Transportverschlüsselung beginnen mit MX-Einträgen, auf die Verlass ist.
    .todo = Lassen Sie die Domain mit DNSSEC signieren, oder reparieren Sie ihre Signaturen.
check-dnssec-addresses = Zustand der Adressen des Mailservers
    .secure = Die Adressen des Mailservers sind signiert und gültig.
    .insecure = Die Adressen des Mailservers sind nicht signiert.
    .bogus = Die Signaturen der Adressen des Mailservers sind ungültig: Absender, die sie prüfen, können die Adressen nicht nutzen.
    .why = Nach RFC 7672 §2.2 werden TLSA-Einträge nur gesucht, wo die Adressen sicher sind.
    .todo = Lassen Sie die Zone des Mailservers mit DNSSEC signieren, oder reparieren Sie ihre Signaturen.
check-dnssec-tlsa = Zustand der TLSA-Einträge
    .secure = Die TLSA-Einträge, oder der Beweis, dass es keine gibt, sind signiert und gültig.
    .secure-some = Die TLSA-Einträge sind signiert und gültig.
    .secure-none = Dass es keine TLSA-Einträge gibt, ist signiert und gültig.
    .insecure = Die TLSA-Einträge, oder ihr Fehlen, sind nicht signiert.
    .insecure-some = Die TLSA-Einträge sind nicht signiert.
    .insecure-none = Dass es keine TLSA-Einträge gibt, ist nicht signiert.
    .bogus = Die TLSA-Einträge, oder ihr Fehlen, validieren nicht: Absender mit DANE stellen diesem Mailserver nicht zu.
    .bogus-some = Die Signaturen der TLSA-Einträge sind ungültig: Absender mit DANE stellen diesem Mailserver nicht zu.
    .bogus-none = Der signierte Beweis, dass es keine TLSA-Einträge gibt, ist ungültig: Absender mit DANE stellen diesem Mailserver nicht zu.
    .why = Absender mit DANE halten sich nur an signierte TLSA-Einträge; unsignierte binden niemanden. Sind aber die Adressen des Servers signiert, und die Frage nach TLSA scheitert oder die Antwort validiert nicht, dürfen sie nicht zustellen (RFC 7672 §2.1).
    .todo = Reparieren Sie die Signaturen bei _25._tcp unter dem Namen des Mailservers. Alte Nameserver und manche Lastverteiler versagen bei Typen, die sie nicht kennen.
check-dnssec-algorithm = DNSSEC-Verfahren
    .good = Die Zone ist mit { $items } signiert; das ist empfohlen.
    .sufficient = Die Zone ist mit { $items } signiert; das ist gut genug.
    .phase-out = Die Zone ist mit { $items } signiert; das sollte ersetzt werden.
    .insufficient = Die Zone ist mit { $items } signiert; das darf nicht mehr verwendet werden.
    .unrated = Die Zone ist mit { $items } signiert.
    .why = RFC 9904 sagt, welche Verfahren zu verwenden sind; RFC 9905 zieht die mit SHA-1 (5 und 7) aus dem Verkehr. Alte werden von Validatoren nach und nach nicht mehr unterstützt, und die Domain gilt dann als nicht signiert.
    .todo = Wechseln Sie auf Verfahren 13 (ECDSA P-256 mit SHA-256), in der Reihenfolge von RFC 6781 §4.1.4.
check-dnssec-ds-digest = Prüfsummen der DS-Einträge
    .good = Die DS-Einträge verwenden { $items }; das ist empfohlen.
    .sufficient = Die DS-Einträge verwenden { $items }; das ist gut genug.
    .phase-out = Die DS-Einträge verwenden { $items }; das sollte ersetzt werden.
    .insufficient = Die DS-Einträge verwenden { $items }; das darf nicht mehr verwendet werden.
    .unrated = Die DS-Einträge verwenden { $items }.
    .why = Die Prüfsumme bindet den Schlüssel der Domain an die übergeordnete Zone. SHA-1 ist nicht mehr kollisionssicher; RFC 9905 zieht es aus dem Verkehr.
    .todo = Veröffentlichen Sie einen DS-Eintrag mit Prüfsumme 2 (SHA-256), und nehmen Sie die mit Prüfsumme 1 heraus.
check-dnssec-cds = Angekündigte Schlüssel der Zone (CDS)
    .same = Die CDS- oder CDNSKEY-Einträge der Zone nennen dieselben Schlüssel wie die DS-Einträge der übergeordneten Zone.
    .differs = Die CDS- oder CDNSKEY-Einträge der Zone nennen andere Schlüssel als die DS-Einträge der übergeordneten Zone.
    .removes = Die Zone bittet die übergeordnete, alle DS-Einträge zu entfernen: Dann ist sie nicht mehr signiert, und DANE endet.
    .absent = Die Zone hat weder CDS- noch CDNSKEY-Einträge: Ihre DS-Einträge werden von Hand gepflegt.
    .why = Mit CDS und CDNSKEY sagt eine Zone der übergeordneten, welche Schlüssel diese beglaubigen soll (RFC 7344, RFC 8078). Bei einem Schlüsselwechsel weichen sie für Stunden oder Tage von den DS-Einträgen ab. Bleibt es dabei, hängt der Wechsel: Die übergeordnete Zone sieht nicht nach oder traut dem nicht, was sie sieht; und wird der alte Schlüssel dennoch entfernt, ist die Domain kaputt.
    .todo = Ist kein Schlüsselwechsel im Gange, klären Sie, ob die übergeordnete Zone oder der Registrar CDS-Einträge überhaupt liest (für den ersten DS-Eintrag: RFC 9615), und setzen Sie die DS-Einträge andernfalls von Hand.
check-dnssec-nsec3-iterations = NSEC3-Iterationen
    .count = { $count ->
        [0] Die Zone verwendet keine zusätzlichen NSEC3-Iterationen.
        [one] Die Zone verwendet eine zusätzliche NSEC3-Iteration.
       *[other] Die Zone verwendet { $count } zusätzliche NSEC3-Iterationen.
    }
    .why = RFC 9276 §3.1 will keine zusätzlichen Iterationen: Sie kosten Nameserver und Resolver Arbeit und schützen nichts. Sind es viele, behandeln Validatoren die Zone als nicht signiert, wo es etwas nicht gibt (manche ab 51, die meisten ab 151): DANE geht dort verloren. Einige antworten dann gar nicht.
    .todo = Setzen Sie die Iterationen von NSEC3 auf 0 und lassen Sie das Salt weg, oder nehmen Sie NSEC.
check-dnssec-expiry = Ablauf der Signaturen
    .count = { $count ->
        [0] Eine Signatur der Domain läuft innerhalb eines Tages ab oder ist abgelaufen.
        [one] Die erste Signatur der Domain läuft in einem Tag ab.
       *[other] Die erste Signatur der Domain läuft in { $count } Tagen ab.
    }
    .why = Bleibt das Signieren unbemerkt stehen, ist die Domain für alle, die validieren, nur noch so lange erreichbar. Erneuert wird rechtzeitig vorher; wenige Tage können also normal sein.
    .todo = Sehen Sie nach, ob das Signieren noch läuft. Eine Zone mit abgelaufenen Signaturen ist für Absender, die validieren, nicht erreichbar.

### Echtheit des Absenders

check-dmarc = DMARC-Eintrag
    .present = Es gibt genau einen DMARC-Eintrag.
    .inherited = Eine übergeordnete Domain hat einen DMARC-Eintrag, der auch hier gilt.
    .inherited-by-walk = Eine andere übergeordnete Domain hat einen DMARC-Eintrag, der nach RFC 9989 auch hier gilt; Empfänger, die sich nach dem älteren RFC 7489 richten, finden ihn nicht.
    .several = Es gibt mehr als einen DMARC-Eintrag; deshalb zählt keiner.
    .absent = Es gibt keinen DMARC-Eintrag.
    .why = DMARC bindet SPF und DKIM an die Adresse in From und sagt, was mit Mail geschehen soll, bei der beides scheitert.
    .todo = Veröffentlichen Sie einen DMARC-Eintrag. Beginnen Sie mit Berichten allein, und verlangen Sie quarantine oder reject, sobald diese zeigen, dass Ihre eigene Mail besteht.
    .todo-no-mail = Veröffentlichen Sie einen DMARC-Eintrag, der reject verlangt: In diesem Namen verschickt niemand Mail.
check-dmarc-policy = DMARC-Richtlinie
    .reject = Empfänger werden gebeten, Mail abzulehnen, die nicht besteht.
    .quarantine = Empfänger werden gebeten, Mail in Quarantäne zu nehmen, die nicht besteht.
    .testing = Die Richtlinie ist im Testbetrieb (t=y) und verlangt deshalb weniger, als sie sagt.
    .incomplete = Für Subdomains wird weniger verlangt als für die Domain selbst.
    .incomplete-np = Für Subdomains, die es nicht gibt (np), wird weniger verlangt als für die Domain selbst.
    .nothing = Die Richtlinie verlangt nichts (p=none): Gefälschte Mail wird zugestellt.
    .invalid = Der DMARC-Eintrag nennt keine Richtlinie, die alle Empfänger gleich lesen: p fehlt oder ist falsch, sp oder np ist falsch, oder eines davon steht doppelt da. Viele wenden dann gar keine an (RFC 9989 §4.10.1).
    .why = Nur quarantine und reject schützen vor gefälschten Absendern.
    .todo = Verschärfen Sie die Richtlinie auf p=quarantine oder p=reject, auch für Subdomains (sp) und Namen, die es nicht gibt (np), und beenden Sie den Testbetrieb.
    .cost = Mail, die Mailinglisten und Weiterleitungen verändern, wird dann vielleicht abgelehnt, es sei denn, ihre DKIM-Signatur bleibt gültig.
check-dmarc-tags = Angaben im DMARC-Eintrag
    .sound = Alle Angaben im DMARC-Eintrag werden von Empfängern gelesen.
    .obsolete = Der DMARC-Eintrag enthält Angaben, die RFC 9989 nicht oder nicht mehr kennt (pct, rf, ri): Empfänger übergehen sie, der Rest gilt.
    .invalid = Der DMARC-Eintrag enthält Fehler. Empfänger übergehen, was falsch ist, nehmen dafür die Voreinstellung und lassen den Rest gelten (RFC 9989 §4.7, §4.8).
    .why = Was übergangen wird, bewirkt nicht, wofür es dasteht: Mit einem Fehler in rua kommen zum Beispiel keine Berichte. Empfänger, die sich noch nach RFC 7489 richten, lesen einen solchen Eintrag vielleicht anders.
    .todo = Schreiben Sie jede Angabe nur einmal, als name=wert, getrennt durch Semikolons, und vor jede Adresse mailto:; entfernen Sie Angaben, die niemand mehr kennt.
check-dmarc-reports = Empfänger der DMARC-Berichte
    .authorised = Die Empfänger von Berichten außerhalb der Domain haben dem Empfang zugestimmt.
    .unauthorised = Ein Empfänger von Berichten außerhalb der Domain hat dem Empfang nicht zugestimmt und bekommt deshalb keine.
    .internal = DMARC-Berichte gehen an die Domain selbst.
    .absent = Der DMARC-Eintrag verlangt keine Berichte.
    .why = Ohne Berichte bemerkt niemand, welche Mail scheitert. Eine fremde Domain muss dem Empfang zustimmen (RFC 9990), damit niemand überschwemmt wird.
    .todo = Nennen Sie mit rua eine Adresse für DMARC-Berichte. Liegt sie in einer fremden Domain, muss diese mit dem Eintrag unten zustimmen.
check-dkim = DKIM (vermutet)
    .present = Den Namen _domainkey gibt es; vermutlich gibt es also DKIM-Schlüssel. Ein Beweis ist das nicht: Die Schlüssel liegen unter Namen, die sich nicht auflisten lassen.
    .absent = Den Namen _domainkey gibt es nicht, wie eine Signatur beweist, also auch keine DKIM-Schlüssel darunter (RFC 8020).
    .not-found = Der Nameserver sagt, dass es den Namen _domainkey nicht gibt. Dann dürfte es darunter keine DKIM-Schlüssel geben (RFC 8020); bewiesen ist das aber nicht, und manche Nameserver leugnen Namen, unter denen es andere gibt.
    .no-mail = SPF und DMARC sagen, dass die Domain keine Mail verschickt; DKIM-Schlüssel braucht sie also nicht.
    .why = Von außen zeigt nur eine signierte Mail, dass DKIM genutzt wird. internet.nl schließt darauf aus dem Namen über allen Schlüsseln, dieser Test auch; er prüft mit einer zweiten Frage, ob die Antwort etwas besagt.
    .todo = Signieren Sie Ihre Mail mit DKIM (RFC 6376), und veröffentlichen Sie den Schlüssel. Sind Schlüssel schon veröffentlicht, lassen Sie den Nameserver reparieren, der _domainkey leugnet, obwohl es darunter Namen gibt (entgegen RFC 8020).
check-dkim-signature = DKIM-Signatur Ihrer Mail
    .valid = Die Mail, die Sie geschickt haben, trägt eine gültige Signatur Ihrer Domain.
    .foreign = Die Mail, die Sie geschickt haben, trägt eine gültige Signatur, aber einer anderen Domain als der in From.
    .invalid = Die Mail, die Sie geschickt haben, trägt eine Signatur, die nicht stimmt.
    .absent = Die Mail, die Sie geschickt haben, trägt keine DKIM-Signatur.
    .why = Für DMARC zählt nur eine gültige Signatur der Domain in From, und sie übersteht Weiterleitungen, anders als SPF.
    .todo = Lassen Sie den Server, der Ihre Mail verschickt, mit einem Schlüssel Ihrer eigenen Domain signieren. Der Befehl unten erzeugt einen Schlüssel und zeigt den Eintrag, der zu veröffentlichen ist.
check-spf = SPF-Eintrag
    .present = Es gibt genau einen SPF-Eintrag.
    .several = Es gibt mehr als einen SPF-Eintrag; das ist für jeden Empfänger ein Fehler.
    .absent = Es gibt keinen SPF-Eintrag.
    .why = SPF sagt, welche Server Mail der Domain verschicken dürfen.
    .todo = Veröffentlichen Sie genau einen SPF-Eintrag. Er muss jeden Server nennen, der Mail der Domain verschickt: Ergänzen Sie vor dem Veröffentlichen, was in der Zeile unten fehlt (ip4:, ip6:, include:).
check-spf-policy = SPF-Richtlinie
    .hard-fail = Die Richtlinie endet mit -all: Andere Server sind nicht erlaubt.
    .soft-fail = Die Richtlinie endet mit ~all: Andere Server sind verdächtig.
    .neutral = Die Richtlinie endet mit ?all: Über andere Server sagt sie nichts.
    .pass-all = Die Richtlinie endet mit +all: Jeder darf Mail der Domain verschicken.
    .no-end = Die Richtlinie hat kein Ende und sagt deshalb nichts über andere Server.
    .too-many = Die Richtlinie braucht mehr als zehn DNS-Abfragen. Kommt ein Empfänger ohne Treffer so weit, endet er mit einem Fehler (RFC 7208 §4.6.4).
    .invalid = Die Richtlinie, oder eine, die sie nennt, hat einen Fehler, sodass Empfänger sie nicht auswerten können: eine Angabe, die keine ist, eine Richtlinie, die es nicht gibt, oder ein mx mit mehr als zehn Mailservern.
    .why = Eine Richtlinie, die alle anderen erlaubt oder nichts über sie sagt, schützt niemanden, und eine fehlerhafte zählt nicht.
    .todo = Beenden Sie die Richtlinie mit ~all oder -all, berichtigen Sie, was fehlerhaft ist, und ersetzen Sie include durch weniger Einträge oder durch Netze, bis höchstens zehn DNS-Abfragen nötig sind.
check-spf-void-lookups = SPF-Angaben, die ins Leere führen
    .count = { $count ->
        [0] Keine Angabe der Richtlinie fragt nach einem Namen ohne Einträge.
        [one] Eine Angabe der Richtlinie fragt nach einem Namen ohne Einträge.
       *[other] { $count } Angaben der Richtlinie fragen nach Namen ohne Einträge.
    }
    .why = Mehr als zwei solche Abfragen sind für jeden Empfänger ein Fehler (RFC 7208 §4.6.4). Jede gilt einem Namen, den jemand zu entfernen vergessen hat.
    .todo = Entfernen Sie die Angaben, deren Namen keine Einträge haben.
check-bimi = BIMI
    .present = Es gibt einen BIMI-Eintrag.
    .absent = Es gibt keinen BIMI-Eintrag.
    .why = BIMI lässt manche Postfächer ein Logo neben Mail zeigen, für die DMARC bürgt. Für sich allein schützt es nichts.
    .todo = Es ist nichts zu tun.

### STARTTLS und TLS

check-starttls = STARTTLS
    .present = Der Server bietet STARTTLS an.
    .refused = Der Server kündigt STARTTLS an und verweigert es, wenn es verlangt wird.
    .absent = Der Server bietet kein STARTTLS an: Alle Mail kommt unverschlüsselt.
    .why = Ohne STARTTLS kann jeder, der an der Leitung sitzt, Mail lesen und verändern.
    .todo = Schalten Sie TLS ein, mit einem Schlüssel und einem Zertifikat.
check-starttls-mandatory = Mail ohne TLS
    .mandatory = Der Server nimmt ohne TLS keine Mail an.
    .optional = Soweit ein MAIL-Befehl es zeigt, nimmt der Server auch ohne TLS Mail an.
    .why = Ein Server, der von jedermann Mail annimmt, darf TLS nicht verlangen (RFC 3207 §4); mit DANE und MTA-STS verlangen es stattdessen die Absender. Sind alle Partner bekannt, ist man besser geschützt, wenn man TLS verlangt.
    .todo = Es ist nichts zu tun. Nur wenn alle Absender bekannt sind, verlangen Sie TLS.
    .cost = Wer kein TLS beherrscht, kann Ihnen dann keine Mail schicken.
check-tls-versions = TLS-Versionen
    .good = Der Server akzeptiert { $items } und nichts Älteres.
    .sufficient = Die älteste Version, die der Server akzeptiert, ist { $items }; das ist gut genug.
    .phase-out = Der Server akzeptiert { $items }; das sollte abgeschaltet werden.
    .insufficient = Der Server akzeptiert { $items }; das muss abgeschaltet werden.
    .unrated = Der Server akzeptiert { $items }.
    .why = TLS 1.0 und 1.1 sind mit RFC 8996 zurückgezogen, SSL 3.0 mit RFC 7568 und SSL 2.0 mit RFC 6176. Ein Angreifer zwischen zwei Servern kann nur wählen, was beide noch akzeptieren.
    .todo = Schalten Sie alles ab, was älter ist als TLS 1.2, und schalten Sie TLS 1.3 ein.
    .cost = Absender, die nichts Neueres sprechen, stellen dann unverschlüsselt oder gar nicht zu; deshalb behalten manche Betreiber alte Versionen. Was sonst unverschlüsselt käme, ist mit einer alten Version besser geschützt als ganz ohne.
check-tls-suites = Cipher-Suites
    .good = Alle Suites, die akzeptiert wurden, sind gut.
    .sufficient = Alle Suites, die akzeptiert wurden, sind gut genug.
    .phase-out = Der Server akzeptiert { $items }; das sollte abgeschaltet werden.
    .insufficient = Der Server akzeptiert { $items }; das muss abgeschaltet werden.
    .unrated = Der Server akzeptiert { $items }.
    .why = Bei Suites ohne Forward Secrecy öffnet ein gestohlener Schlüssel auch alle alte Mail; solche mit alten Verfahren lassen sich brechen.
    .todo = Erlauben Sie nur ECDHE-Suites mit AES-GCM oder ChaCha20-Poly1305.
    .cost = Absender von etwa 2012 und früher kennen keine solchen Suites und stellen dann unverschlüsselt oder gar nicht zu.
check-tls-key-exchange = Schlüsselaustausch in TLS 1.2
    .absent = Für den Schlüsselaustausch akzeptiert der Server weder RSA noch endliche Körper (DHE), wie RFC 10015 es für TLS 1.2 verlangt.
    .present = Der Server akzeptiert für den Schlüsselaustausch RSA oder endliche Körper (DHE); RFC 10015 verbietet das in TLS 1.2.
    .why = Bei RSA öffnet ein gestohlener Schlüssel alle aufgezeichnete Mail. Endliche Körper sind langsam, ihre Gruppen lassen sich in TLS 1.2 nicht vereinbaren, und Server haben schwache benutzt. Elliptische Kurven haben keinen dieser Mängel. Wer aber weniger anbietet, als ein Absender spricht, bekommt die Mail unverschlüsselt, und das ist schlechter als beides (RFC 7435 §3).
    .todo = Schalten Sie die Suites mit Schlüsselaustausch durch RSA und DHE ab, sobald Ihre Absender bessere kennen.
    .cost = Absender, die nichts anderes kennen, stellen dann unverschlüsselt oder gar nicht zu. Sehen Sie zuerst in den Logs nach, wer es noch braucht.
check-tls-suite-order = Auswahl der Cipher-Suite
    .fine = Der Server wählt selbst und nahm keine schwächere Suite, wo er eine bessere hatte.
    .idle = Für die akzeptierten Suites verlangen diese Regeln keine Reihenfolge.
    .no-preference = Der Server überlässt dem Absender die Auswahl der Suite.
    .pair = Der Server hatte die Wahl zwischen { $better } und { $worse } und nahm { $worse } (Regel: { $rule }).
    .why = Ein Server, der die bessere Suite bevorzugt, nutzt sie mit jedem Absender, der sie beherrscht, auch wenn dieser sie zuletzt nennt.
    .todo = Lassen Sie den Server wählen, und nennen Sie die besseren Suites zuerst. Sind nur gute eingeschaltet, ist die Reihenfolge egal.
    .rule-server-decides = I, der Server entscheidet
    .rule-levels = II.A, die bessere Stufe geht vor
    .rule-key-exchange = II.B, elliptische Kurven vor endlichen Körpern vor festen Schlüsseln
    .rule-aead = II.B, AEAD-Verfahren zuerst
    .rule-authentication = II.B, ECDSA vor RSA
    .rule-size = II.B, längere Schlüssel zuerst
    .rule-aes-before-chacha = II.B, AES-256 vor ChaCha20
check-tls-groups = Gruppen für den Schlüsselaustausch
    .good = Alle Gruppen, die für den Schlüsselaustausch akzeptiert wurden, sind gut.
    .sufficient = Alle Gruppen, die für den Schlüsselaustausch akzeptiert wurden, sind gut genug.
    .phase-out = Der Server akzeptiert für den Schlüsselaustausch { $items }; das sollte abgeschaltet werden.
    .insufficient = Der Server akzeptiert für den Schlüsselaustausch { $items }; das muss abgeschaltet werden.
    .unrated = Der Server akzeptiert für den Schlüsselaustausch { $items }.
    .why = Von der Gruppe hängt ab, wie schwer sich der Schlüssel einer aufgezeichneten Verbindung berechnen lässt. Endliche Körper sind langsam, und viele verwendete Primzahlen sind kurz oder unbekannter Herkunft; elliptische Kurven brauchen keine.
    .todo = Schalten Sie den Schlüsselaustausch über endlichen Körpern (DHE) ab, und erlauben Sie x25519, secp256r1 und secp384r1.
    .cost = Nur wenige Absender beherrschen DHE, aber keine elliptischen Kurven.
check-tls-post-quantum = Schlüsselaustausch, der Quantencomputern standhält
    .present = Der Server beherrscht eine hybride Post-Quanten-Gruppe: Was heute aufgezeichnet wird, bleibt auch künftigen Quantencomputern verschlossen.
    .absent = Der Server beherrscht keine hybride Post-Quanten-Gruppe.
    .why = Mail, die heute aufgezeichnet wird, könnte eines Tages ein Quantencomputer entschlüsseln. X25519MLKEM768 (RFC 10024) schützt davor; Absender, die es beherrschen, nutzen es von selbst.
    .todo = Verwenden Sie eine TLS-Bibliothek, die X25519MLKEM768 kennt (OpenSSL ab 3.5).
check-tls-handshake-hash = Hash der Signatur im Handshake
    .good = Der Server signiert den Schlüsselaustausch nur mit { $items }.
    .sufficient = Der Server signiert den Schlüsselaustausch mit { $items }; das ist gut genug.
    .phase-out = Der Server signiert den Schlüsselaustausch auf Wunsch mit { $items }; das sollte abgeschaltet werden.
    .insufficient = Der Server signiert den Schlüsselaustausch auf Wunsch mit { $items }; das muss abgeschaltet werden.
    .unrated = Der Server signiert den Schlüsselaustausch mit { $items }.
    .why = Die Signatur zeigt, dass der Schlüsselaustausch vom Server selbst stammt. Bei SHA-1 und MD5 lassen sich Kollisionen erzeugen. Gezählt wird nur, was der Server wirklich verwendet hat.
    .todo = Entfernen Sie SHA-1 und SHA-224 aus den Signaturverfahren der TLS-Bibliothek. In OpenSSL ist das SignatureAlgorithms in dem Abschnitt von openssl.cnf, den der Mailserver liest; nicht jeder Mailserver hat dafür eine eigene Einstellung.
check-tls-compression = TLS-Kompression
    .absent = Die TLS-Kompression ist abgeschaltet.
    .present = Die TLS-Kompression ist eingeschaltet; damit lassen sich Inhalte anhand ihrer Länge erraten.
    .why = Der Angriff ist als CRIME bekannt. TLS 1.3 kennt keine Kompression mehr.
    .todo = Schalten Sie die TLS-Kompression ab.
check-tls-secure-renegotiation = Sichere Renegotiation
    .present = Der Server unterstützt die sichere Renegotiation (RFC 5746).
    .absent = Der Server unterstützt die sichere Renegotiation (RFC 5746) nicht.
    .why = Ohne sie kann ein Angreifer dem, was ein Absender schickt, eigene Befehle voranstellen.
    .todo = Aktualisieren Sie die TLS-Bibliothek: Seit 2010 unterstützt sie jede.
check-tls-client-renegotiation = Renegotiation durch den Client
    .count = { $count ->
        [0] Der Server lehnt Renegotiation durch den Client ab.
        [one] Der Server nahm eine Renegotiation durch den Client an und lehnte die nächste ab.
        [11] Der Server nahm alle elf Renegotiations an, die auf einer Verbindung versucht wurden.
       *[other] Der Server nahm { $count } Renegotiations durch den Client an und lehnte die nächste ab.
    }
    .why = Jede kostet den Server viel und den Client wenig; damit lässt sich ein Server überlasten. In TLS 1.3 gibt es keine.
    .todo = Schalten Sie die Renegotiation durch den Client ab.
check-tls-extended-master-secret = Extended Master Secret
    .present = Der Server unterstützt das Extended Master Secret (RFC 7627).
    .absent = Der Server unterstützt das Extended Master Secret (RFC 7627) nicht.
    .why = Es bindet einen Schlüssel von TLS 1.2 an seinen Handshake, gegen Angreifer zwischen zwei Verbindungen.
    .todo = Aktualisieren Sie die TLS-Bibliothek: OpenSSL hat es seit 1.1.0, GnuTLS seit 3.4.
check-tls-zero-rtt = Vorab gesendete Daten (0-RTT)
    .absent = Der Server erlaubt keine vorab gesendeten Daten.
    .present = Der Server erlaubt vorab gesendete Daten, die ein Angreifer wiederholen kann.
    .why = SMTP hat für vorab gesendete Daten keine Verwendung, da der Server zuerst spricht.
    .todo = Schalten Sie vorab gesendete Daten (0-RTT) ab.
check-tls-client-certificate = Zertifikate von Clients
    .absent = Der Server bittet Absender nicht um ein Zertifikat.
    .present = Der Server bittet Absender um ein Zertifikat. Ob er eines verlangt, wurde nicht gemessen.
    .why = Öffentliche Zertifizierungsstellen stellen keine Zertifikate für Clients mehr aus, gewöhnliche Absender haben also keines vorzuweisen. Darum zu bitten schadet nicht; eines zu verlangen weist sie ab.
    .todo = Bitten Sie um Zertifikate von Clients nur, wenn Sie sie auswerten, und verlangen Sie auf Port 25 nie eines.
check-starttls-injection = Vor TLS eingeschleuste Befehle
    .discarded = Der Server verwirft, was unverschlüsselt nach STARTTLS gesendet wird.
    .executed = Der Server führt innerhalb von TLS einen Befehl aus, der unverschlüsselt nach STARTTLS gesendet wurde.
    .why = Ein Angreifer kann Befehle in die geschützte Sitzung eines anderen einschleusen (CVE-2011-0411).
    .todo = Aktualisieren Sie den Mailserver oder das, was vor ihm steht: Der Fehler ist seit 2011 bekannt.

### Zertifikate

check-cert-trust = Vertrauen in das Zertifikat
    .trusted = Das Zertifikat führt zu einer öffentlich vertrauenswürdigen Wurzel.
    .self-signed = Das Zertifikat ist selbstsigniert.
    .untrusted = Das Zertifikat führt zu keiner öffentlich vertrauenswürdigen Wurzel.
    .trusted-own = Das Zertifikat führt zu einer Wurzel, die der Betreiber dieses Tests vorgegeben hat (mx_roots). Ob es öffentlich vertrauenswürdig ist, wurde nicht gemessen.
    .untrusted-own = Das Zertifikat führt zu keiner Wurzel, die der Betreiber dieses Tests vorgegeben hat (mx_roots).
    .unfit = Das Zertifikat oder eines darüber ist nicht für TLS-Server bestimmt (extended key usage).
    .expired = Das Zertifikat oder eines darüber ist abgelaufen.
    .not-yet-valid = Das Zertifikat oder eines darüber ist noch nicht gültig.
    .why = Absender mit MTA-STS und solche, die ein geprüftes Zertifikat verlangen, stellen nur bei einem vertrauenswürdigen zu. Für DANE genügt ein passender TLSA-Eintrag.
    .todo = Besorgen Sie ein Zertifikat für Server (serverAuth) von einer öffentlichen Zertifizierungsstelle, und liefern Sie die Zertifikate zwischen ihm und der Wurzel mit.
check-cert-name = Name im Zertifikat
    .matched = Das Zertifikat gilt für den Namen des Mailservers.
    .unmatched = Das Zertifikat gilt nicht für den Namen des Mailservers.
    .why = Ein Zertifikat bürgt nur für die Namen, die darin stehen. Absender suchen den Namen aus dem MX-Eintrag.
    .todo = Besorgen Sie ein Zertifikat, das den Namen des Mailservers, wie er im MX-Eintrag steht, in subjectAltName nennt.
check-cert-key = Schlüssel der Zertifikate
    .good = Die Zertifikate haben gute Schlüssel: { $items }.
    .sufficient = Die Zertifikate haben Schlüssel, die gut genug sind: { $items }.
    .phase-out = Ein Zertifikat hat einen Schlüssel, der ersetzt werden sollte: { $items }.
    .insufficient = Ein Zertifikat hat einen zu schwachen Schlüssel: { $items }.
    .unrated = Die Zertifikate haben diese Schlüssel: { $items }.
    .why = Wer den Schlüssel berechnen kann, kann sich als dieser Server ausgeben.
    .todo = Lassen Sie das nächste Zertifikat für einen ECDSA-Schlüssel auf P-256 oder einen RSA-Schlüssel von mindestens 3072 Bit ausstellen. Wo TLSA-Einträge veröffentlicht sind, veröffentlichen Sie zuerst den des neuen Schlüssels.
check-cert-signature = Signaturen der Zertifikate
    .good = Die Zertifikate sind gut signiert: { $items }.
    .sufficient = Die Zertifikate sind gut genug signiert: { $items }.
    .phase-out = Ein Zertifikat hat eine Signatur, die ersetzt werden sollte: { $items }.
    .insufficient = Ein Zertifikat hat eine zu schwache Signatur: { $items }.
    .unrated = Die Zertifikate haben diese Signaturen: { $items }.
    .why = Eine Signatur mit SHA-1 oder MD5 lässt sich fälschen.
    .todo = Besorgen Sie ein Zertifikat von einer Zertifizierungsstelle, die mit SHA-256 oder besser signiert.
check-cert-expiry = Ablauf des Zertifikats
    .count = { $count ->
        [0] Ein Zertifikat ist abgelaufen.
        [one] Das erste Zertifikat läuft in einem Tag ab.
       *[other] Das erste Zertifikat läuft in { $count } Tagen ab.
    }
    .why = Mit einem abgelaufenen Zertifikat bleibt die Mail aller Absender aus, die es prüfen.
    .todo = Erneuern Sie das Zertifikat jetzt, und sorgen Sie dafür, dass es künftig automatisch erneuert wird.
check-cert-renewal = Erneuerung des Zertifikats
    .count = { $count ->
        [0] Die Laufzeit des Zertifikats ist um.
       *[other] Von der Laufzeit des Zertifikats sind noch { $count } % übrig.
    }
    .why = Programme erneuern, wenn noch ein Drittel der Laufzeit übrig ist, bei wenigen Tagen die Hälfte. Ist davon die Hälfte verstrichen, scheint sie etwas daran zu hindern, und es bleibt wenig Zeit: Zertifikate leben Wochen, manche nur Tage.
    .todo = Sehen Sie nach, warum das Zertifikat noch nicht erneuert wurde, und ob der Mailserver das neue geladen hat.
check-cert-chain-order = Reihenfolge der Kette
    .ordered = Jedes gesendete Zertifikat ist vom nächsten signiert.
    .root-sent = Die Kette ist in Ordnung; die Wurzel wird mitgesendet, was niemand braucht.
    .expired = Die Kette ist in Ordnung; ein Zertifikat wird mitgesendet, das kein Pfad braucht und das abgelaufen ist.
    .misordered = Die Zertifikate werden nicht der Reihe nach gesendet, oder eines gehört nicht dazu.
    .why = TLS bis 1.2 verlangt die Reihenfolge, und nicht jeder Absender stellt sie selbst her. Alte versuchen nur einen Pfad und scheitern an einem Zertifikat, das andere nicht brauchen.
    .todo = Liefern Sie zuerst das Zertifikat des Servers, dann jeweils das des Ausstellers, ohne die Wurzel und ohne das, was kein Pfad braucht.
check-caa = CAA
    .present = CAA-Einträge sagen, welche Zertifizierungsstellen für den Mailserver ausstellen dürfen.
    .incomplete = Es gibt CAA-Einträge, aber keinen mit „issue“; jede Zertifizierungsstelle darf also für den Mailserver ausstellen.
    .invalid = Ein CAA-Eintrag ist nicht so geschrieben, wie sein Standard es vorgibt: Zertifizierungsstellen verweigern dann vielleicht die Ausstellung oder übergehen ihn.
    .absent = Es gibt keine CAA-Einträge: Jede Zertifizierungsstelle darf für den Mailserver ausstellen.
    .why = CAA erschwert es, sich ein Zertifikat für Ihren Server zu erschleichen.
    .todo = Veröffentlichen Sie beim Namen des Mailservers oder darüber einen CAA-Eintrag mit „issue“ für die Zertifizierungsstelle, die Sie nutzen.
check-caa-issuer = CAA und der jetzige Aussteller
    .agrees = Das jetzige Zertifikat kommt von einer Zertifizierungsstelle, die CAA erlaubt.
    .disagrees = Soweit ihre Namen es zeigen, kommt das jetzige Zertifikat von einer Zertifizierungsstelle, die CAA nicht erlaubt.
    .why = Die nächste Erneuerung würde scheitern. Welcher Name in CAA zu welcher Zertifizierungsstelle gehört, ist uns nur für die größeren bekannt.
    .todo = Nehmen Sie die jetzige Zertifizierungsstelle in die CAA-Einträge auf, oder wechseln Sie zu einer, die sie erlauben.

### DANE, MTA-STS, TLSRPT

check-tlsa = TLSA-Einträge (DANE)
    .present = Es gibt TLSA-Einträge, und sie sind signiert.
    .absent = Es gibt keine TLSA-Einträge.
    .insecure = Es gibt TLSA-Einträge, aber in einer Zone, die nicht signiert ist: Absender übergehen sie.
    .bogus = Die Antwort auf die Frage nach TLSA-Einträgen ist ungültig signiert, sodass niemand weiß, ob es welche gibt: Absender mit DANE stellen diesem Mailserver nicht zu.
    .unproven = Es scheint keine TLSA-Einträge zu geben, aber der Beweis fehlt oder ist ungültig: Absender mit DANE halten Mail an diesen Mailserver vielleicht zurück.
    .why = TLSA-Einträge sagen Absendern, welchen Schlüssel der Server hat. Sie senden dann nur verschlüsselt und nur an diesen Server, ganz ohne Zertifizierungsstelle.
    .todo = Veröffentlichen Sie in einer signierten Zone einen TLSA-Eintrag 3 1 1 für den Schlüssel des Servers. Veröffentlichen Sie bei jedem Schlüsselwechsel zuerst den neuen.
check-tlsa-match = TLSA-Einträge passen zum Zertifikat
    .matched = Jedes Zertifikat, das der Server zeigt, passt zu einem TLSA-Eintrag.
    .unmatched = Ein Zertifikat, das der Server zeigt, passt zu keinem TLSA-Eintrag: Absender mit DANE stellen hier nicht zu.
    .unusable = Kein TLSA-Eintrag ist brauchbar (RFC 7672 §3.1): Absender verschlüsseln, ohne zu prüfen, für wen.
    .why = Ein Eintrag, der nicht passt, ist schlimmer als keiner: Er sorgt dafür, dass Mail abgewiesen wird.
    .todo = Veröffentlichen Sie sofort den TLSA-Eintrag des verwendeten Schlüssels. Bei zwei Zertifikaten (RSA und ECDSA) braucht jedes einen.
check-tlsa-rollover = Wechsel der TLSA-Einträge
    .present = Die Einträge nennen zwei Schlüssel oder den Aussteller: Der Schlüssel kann ohne Lücke wechseln.
    .absent = Die Einträge nennen nur einen Schlüssel; wechselt er, wird Mail abgewiesen, bis der neue Eintrag bekannt ist.
    .why = Einträge 3 1 1 für den jetzigen und den nächsten Schlüssel, oder ein 2 1 1 für den Aussteller des Zertifikats, erlauben es, den Schlüssel ohne Lücke zu wechseln (RFC 7671 §8). Mehrere Prüfsummen desselben Schlüssels tun das nicht, und auch keine Zertifizierungsstelle, die hier nichts ausgestellt hat.
    .todo = Veröffentlichen Sie den Eintrag des nächsten Schlüssels neben dem jetzigen mindestens zwei TTL vor dem Wechsel.
check-tlsa-renewal = TLSA-Einträge bei der nächsten Erneuerung
    .survives = Wenn das Zertifikat um den { $date } erneuert wird, gibt es einen Eintrag, der weiter passen kann: den eines anderen Schlüssels oder des Ausstellers.
    .depends = Die TLSA-Einträge passen nicht mehr, wenn das Zertifikat um den { $date } erneuert wird, außer der Schlüssel bleibt derselbe.
    .lapses = Die TLSA-Einträge gelten dem Zertifikat selbst: Sie passen nicht mehr, wenn es um den { $date } erneuert wird, auch wenn der Schlüssel derselbe bleibt.
    .why = Das Zertifikat lebt so kurz, dass ein Programm es erneuert. Ein Eintrag, der nicht passt, weist Mail ab. Der Tag ist aus der Laufzeit geschätzt.
    .todo = Veröffentlichen Sie 3 1 1, die Prüfsumme des Schlüssels, und lassen Sie das Programm den Schlüssel behalten (certbot: --reuse-key); oder veröffentlichen Sie den Eintrag jedes neuen Schlüssels zwei TTL, bevor er benutzt wird.
check-tlsa-stale = TLSA-Einträge, die zu nichts passen
    .count = { $count ->
        [0] Jeder brauchbare Eintrag passt zu einem Zertifikat, das der Mailserver zeigt.
        [one] Ein Eintrag passt zu nichts, was der Mailserver zeigt.
       *[other] { $count } Einträge passen zu nichts, was der Mailserver zeigt.
    }
    .why = Für den Eintrag des nächsten Schlüssels ist das richtig, für einen vergessenen nicht.
    .todo = Entfernen Sie die Einträge von Schlüsseln, die nicht mehr verwendet werden.
check-tlsa-unusable = TLSA-Einträge, die Absender nicht nutzen können
    .count = { $count ->
        [0] Jeder Eintrag ist brauchbar.
        [one] Ein Eintrag ist nicht brauchbar.
       *[other] { $count } Einträge sind nicht brauchbar.
    }
    .why = In SMTP zählen nur die Verwendungen 2 und 3 (RFC 7672 §3.1.3), und die Daten müssen so lang sein, wie ihr Typ sagt.
    .todo = Ersetzen Sie die Einträge durch solche mit 3 1 1, oder 2 1 1 für den Schlüssel des Ausstellers.
check-mta-sts-record = MTA-STS-Eintrag
    .present = Es gibt genau einen MTA-STS-Eintrag.
    .invalid = Der MTA-STS-Eintrag ist nicht so geschrieben, wie RFC 8461 §3.1 es vorgibt: Absender, die sich daran halten, sehen keinen Eintrag, andere vielleicht schon.
    .several = Es gibt mehr als einen MTA-STS-Eintrag; Absender übergehen alle.
    .absent = Es gibt keinen MTA-STS-Eintrag.
    .why = MTA-STS sagt Absendern ohne DANE, darunter den größten, dass sie TLS und ein gültiges Zertifikat verlangen sollen.
    .todo = Veröffentlichen Sie einen MTA-STS-Eintrag und eine Richtlinie. Beginnen Sie im Testbetrieb; die Richtlinie ist eine Datei unter https://mta-sts.{ $domain }/.well-known/mta-sts.txt, mit gültigem Zertifikat für mta-sts.{ $domain }.
check-mta-sts-policy = MTA-STS-Richtlinie
    .enforce = Die Richtlinie gilt (enforce).
    .testing = Die Richtlinie ist im Testbetrieb: Fehler werden gemeldet, Mail wird trotzdem zugestellt.
    .nothing = Die Richtlinie ist zurückgenommen (none).
    .invalid = Die Richtlinie ist nicht so geschrieben, wie RFC 8461 §3.2 es vorgibt: Absender, die sich daran halten, verwerfen sie, andere befolgen sie vielleicht.
    .unfetched = Die Richtlinie ließ sich nicht so abrufen, wie der Standard es verlangt.
    .why = Nur „enforce“ schützt. Eine Richtlinie, die sich nicht abrufen lässt, schützt niemanden, der sie nicht schon kennt.
    .todo = Liefern Sie die Richtlinie unter der Adresse unten aus. Nötig sind HTTPS mit gültigem Zertifikat für mta-sts.{ $domain } und keine Weiterleitung; sobald die TLS-Berichte sauber sind, setzen Sie mode auf enforce, und ändern Sie bei jeder Änderung die id des Eintrags.
check-mta-sts-max-age = Dauer der MTA-STS-Richtlinie
    .count = { $count ->
        [0] Absender behalten die Richtlinie weniger als einen Tag.
        [one] Absender behalten die Richtlinie einen Tag.
       *[other] Absender behalten die Richtlinie { $count } Tage.
    }
    .why = Solange ein Absender eine Richtlinie behält, kann ein Angreifer sie nicht verbergen. RFC 8461 §3.2 erwartet Wochen oder mehr.
    .todo = Setzen Sie max_age auf mindestens 604800 (eine Woche), besser auf einige Wochen, sobald sich die Richtlinie bewährt hat.
check-mta-sts-host = Webserver der MTA-STS-Richtlinie
    .present = Der Webserver der Richtlinie, der Name mta-sts unter der Domain, hat eine Adresse.
    .no-address = Der Eintrag kündigt eine Richtlinie an, aber ihr Webserver, der Name mta-sts unter der Domain, hat keine Adresse, von der sie abzurufen wäre.
    .orphaned = Der Name mta-sts unter der Domain hat eine Adresse, obwohl kein Eintrag eine Richtlinie ankündigt: Eines von beiden wurde vergessen, oder die Adresse kommt von einem Platzhalter (*).
    .dangling = Der Name mta-sts unter der Domain ist ein Alias (CNAME) für einen Namen, den es nicht gibt.
    .why = Wer den Namen bekommt, zu dem ein Alias führt, ob durch Registrierung oder bei einem Hoster, kann ein Zertifikat für den Webserver der Richtlinie erhalten und eine Richtlinie veröffentlichen, die Ihre Mail fernhält.
    .todo = Lassen Sie mta-sts.{ $domain } auf einen eigenen Webserver zeigen, der die Richtlinie ausliefert; ohne MTA-STS entfernen Sie den Namen.
check-mta-sts-mx = MTA-STS und der Mailserver
    .matched = Die Richtlinie nennt den Mailserver, und sein Zertifikat ist für diesen Namen vertrauenswürdig.
    .unlisted = Die Richtlinie nennt den Mailserver nicht: Absender mit MTA-STS stellen dort nicht zu.
    .untrusted = Die Richtlinie nennt den Mailserver, aber sein Zertifikat ist für diesen Namen nicht vertrauenswürdig: Absender mit MTA-STS stellen dort nicht zu.
    .why = Ein Mailserver, den die Richtlinie nicht abdeckt, erhält keine Mail mehr, sobald sie gilt.
    .todo = Nennen Sie in der MTA-STS-Richtlinie jeden Mailserver, und geben Sie jedem ein Zertifikat einer öffentlichen Zertifizierungsstelle für seinen Namen. Ändern Sie mit der Richtlinie auch die id des Eintrags.
check-tlsrpt = TLS-Berichte (TLSRPT)
    .present = Es gibt genau einen TLSRPT-Eintrag: Absender melden, wenn TLS scheitert.
    .invalid = Der TLSRPT-Eintrag ist nicht so geschrieben, wie RFC 8460 §3 es vorgibt, oder nennt eine Adresse, an die kein Bericht gehen kann: Absender, die sich daran halten, schicken keine Berichte.
    .several = Es gibt mehr als einen TLSRPT-Eintrag; Absender übergehen alle.
    .absent = Es gibt keinen TLSRPT-Eintrag.
    .why = Ohne Berichte erfahren Sie von einem falschen TLSA-Eintrag oder einer falschen Richtlinie erst, wenn jemand anruft.
    .todo = Veröffentlichen Sie einen TLSRPT-Eintrag mit einer Adresse, die gelesen wird.
check-bindings-agree = Übereinstimmung von DANE, MTA-STS und Zertifikaten
    .agrees = Soweit zu sehen war, erreichen Absender mit DANE und Absender mit MTA-STS gleichermaßen jeden Mailserver.
    .disagrees = DANE, MTA-STS, Zertifikate und MX-Einträge stimmen nicht überein: Manche Absender erreichen nicht jeden Mailserver.
    .why = Jedes davon nennt den richtigen Server auf seine Weise. Was das eine erlaubt und das andere verbietet, funktioniert nur bei manchen Absendern, und der Fehler ist schwer zu finden.
    .todo = Reparieren Sie den Mailserver, der oben an DANE oder MTA-STS scheitert.

### Autorisierte Routen

check-rpki-mx-exists = Routen der Mailserver: autorisiert
    .all = Jede Route zu den Mailservern hat eine Autorisierung (ROA).
    .partly = Manche Routen zu den Mailservern haben keine Autorisierung (ROA).
    .absent = Keine Route zu den Mailservern hat eine Autorisierung (ROA).
    .why = Eine ROA sagt, welches Netz eine Route ankündigen darf. Ohne sie erkennt niemand eine falsche Ankündigung, die Mail woandershin lenken kann.
    .todo = Bitten Sie den Inhaber der Adressen, meist Ihren Anbieter, ROAs zu veröffentlichen.
check-rpki-mx-valid = Routen der Mailserver: gültig
    .valid = Jede Ankündigung dieser Routen ist gültig.
    .not-found = Mangels Autorisierung können manche Ankündigungen weder gültig noch ungültig sein.
    .invalid = Eine Ankündigung widerspricht ihrer Autorisierung: Viele Netze verwerfen sie.
    .unrouted = Zu diesen Adressen ist keine Route bekannt, es gibt also keine zu prüfen.
    .why = Netze, die filtern, erreichen eine Adresse mit ungültiger Ankündigung nicht.
    .todo = Lassen Sie ROA und Ankündigung in Einklang bringen: die Nummer des Netzes und die Länge des Präfixes.
check-rpki-ns-exists = Routen der Nameserver: autorisiert
    .all = Jede Route zu den Nameservern der Domain hat eine Autorisierung (ROA).
    .partly = Manche Routen zu den Nameservern der Domain haben keine Autorisierung (ROA).
    .absent = Keine Route zu den Nameservern der Domain hat eine Autorisierung (ROA).
    .why = { check-rpki-mx-exists.why }
    .todo = { check-rpki-mx-exists.todo }
check-rpki-ns-valid = Routen der Nameserver: gültig
    .valid = { check-rpki-mx-valid.valid }
    .not-found = { check-rpki-mx-valid.not-found }
    .invalid = { check-rpki-mx-valid.invalid }
    .unrouted = { check-rpki-mx-valid.unrouted }
    .why = { check-rpki-mx-valid.why }
    .todo = { check-rpki-mx-valid.todo }
check-rpki-mx-ns-exists = Routen der Nameserver der Mailserver: autorisiert
    .all = Jede Route zu den Nameservern für die Zonen der Mailserver hat eine Autorisierung (ROA).
    .partly = Manche Routen zu den Nameservern für die Zonen der Mailserver haben keine Autorisierung (ROA).
    .absent = Keine Route zu den Nameservern für die Zonen der Mailserver hat eine Autorisierung (ROA).
    .why = { check-rpki-mx-exists.why }
    .todo = { check-rpki-mx-exists.todo }
check-rpki-mx-ns-valid = Routen der Nameserver der Mailserver: gültig
    .valid = { check-rpki-mx-valid.valid }
    .not-found = { check-rpki-mx-valid.not-found }
    .invalid = { check-rpki-mx-valid.invalid }
    .unrouted = { check-rpki-mx-valid.unrouted }
    .why = { check-rpki-mx-valid.why }
    .todo = { check-rpki-mx-valid.todo }

### SMTP

check-smtp-ptr = Name zur Adresse (PTR)
    .confirmed = Die Adresse hat einen Namen (PTR), und dieser Name hat die Adresse.
    .unconfirmed = Die Adresse hat einen Namen (PTR), aber dieser Name hat die Adresse nicht.
    .absent = Die Adresse hat keinen Namen (PTR).
    .why = Für den Empfang ist das wenig wichtig. Verschickt dieselbe Adresse auch Mail, lehnen viele Empfänger sie ohne ein passendes Paar ab.
    .todo = Bitten Sie den Inhaber der Adresse, meist Ihren Anbieter, den PTR-Eintrag auf den Namen des Mailservers zu setzen.
check-smtp-name = Namen in Begrüßung und EHLO
    .same = Begrüßung, EHLO und PTR nennen denselben vollständigen Hostnamen.
    .absent = Begrüßung und EHLO nennen denselben vollständigen Hostnamen; die Adresse hat keinen PTR-Eintrag.
    .differs = Begrüßung, EHLO und, wo es ihn gibt, der PTR-Eintrag nennen nicht denselben Hostnamen.
    .invalid = Begrüßung oder EHLO nennt keinen vollständigen Hostnamen, wie ihn RFC 5321 §4.3.1 verlangt.
    .why = Eingehender Mail schadet das nicht. Es macht Logs schwer lesbar, und Empfänger misstrauen dann Mail von dieser Adresse.
    .todo = Lassen Sie den Server sich mit dem Namen melden, den seine Adresse im PTR-Eintrag hat.
check-smtp-extensions = Angekündigte Erweiterungen
    .good = Der Server kündigt { $items } an.
    .sufficient = Der Server kündigt { $items } an.
    .phase-out = Der Server kündigt { $items } an; das sollte abgeschaltet werden.
    .insufficient = Der Server kündigt { $items } an; das sollte nicht jedem angeboten werden.
    .unrated = Der Server kündigt { $items } an.
    .why = Erweiterungen wie PIPELINING, 8BITMIME, SMTPUTF8, SIZE und CHUNKING machen Mail schneller oder in jeder Schrift möglich.
    .todo = Es ist nichts zu tun.
check-smtp-requiretls = REQUIRETLS
    .present = Der Server kündigt REQUIRETLS an (RFC 8689): Ein Absender kann für eine einzelne Mail TLS auf dem ganzen Weg verlangen.
    .absent = Der Server kündigt REQUIRETLS (RFC 8689) nicht an.
    .why = Bisher beherrschen es nur wenige Server.
    .todo = Es ist nichts zu tun.
check-smtp-postmaster = Mail an postmaster
    .accepted = Der Server nimmt Mail an postmaster an.
    .refused = Der Server lehnt Mail an postmaster ab, die er nach RFC 5321 §4.5.1 annehmen muss.
    .why = postmaster ist die einzige Adresse, unter der Ihnen Fremde sagen können, dass mit Ihrer Mail etwas nicht stimmt.
    .todo = Legen Sie das Postfach oder den Alias postmaster an, und lesen Sie es.
check-smtp-unknown-recipient = Mail an unbekannte Empfänger
    .refused = Der Server lehnt einen Empfänger ab, den es nicht geben kann.
    .accepted = Der Server nimmt einen Empfänger an, den es nicht geben kann.
    .why = Ein Server, der erst zu spät erfährt, dass es den Empfänger nicht gibt, schickt eine Fehlermeldung an einen meist gefälschten Absender oder verliert die Mail.
    .todo = Lassen Sie den Server, der Mail aus dem Internet annimmt, alle Empfänger kennen.
check-smtp-relay = Mail für andere (offenes Relay)
    .refused = Der Server lehnt es ab, Mail von Fremden an Fremde zu befördern.
    .accepted = Der Server nahm von einem Fremden einen Empfänger in einer fremden Domain an. Er ist vielleicht ein offenes Relay; um das herauszufinden, hätten wir eine Mail verschicken müssen.
    .why = Offene Relays werden binnen Stunden gefunden, verschicken Spam und landen auf Sperrlisten.
    .todo = Nehmen Sie Mail für fremde Domains nur von eigenen Nutzern und Netzen an.

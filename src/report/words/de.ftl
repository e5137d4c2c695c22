# Was auf Deutsch gesagt wird. Die Texte und ihre Namen entsprechen denen in en.ftl.
# Kein Text darf mehr behaupten als der Befund, für den er steht.

list-and = und
list-or = oder
servers = { $count ->
    [one] Server { $list }
   *[other] die Server { $list }
}
sender = { $more ->
    [0] { $named }
    [one] { $named } und eine weitere Adresse
   *[other] { $named } und { $more } weitere Adressen
}

### Die Antwort

about = Mailassay zur Mail von { $domain }, { $day }

subject-none = Ihre Mail ist unterwegs nicht verschlüsselt (none)
subject-may = Ihre Mail ist nur verschlüsselt, solange niemand stört (may)
subject-may-and-sni = Ihre Mail ist nur verschlüsselt, solange niemand stört (may+sni)
subject-may-and-verify = Ihre Mail ist nur verschlüsselt, solange niemand stört (may+verify)
subject-encrypt = Ihre Mail ist stets verschlüsselt, doch ungeprüft ist, für wen (encrypt)
subject-encrypt-and-sni = Ihre Mail ist stets verschlüsselt, doch ungeprüft ist, für wen (encrypt+sni)
subject-verify = Ihre Mail ist stets verschlüsselt, Zertifikate werden geprüft (verify)
subject-verify-and-sni = Ihre Mail ist stets verschlüsselt, Zertifikate werden geprüft (verify+sni)
subject-dane = { $clear-ut ->
    [practised] DANE schützt Ihre Mail; ohne DANE ging sie im Klartext hinaus (dane)
    [not-practised] DANE schützt Ihre Mail, nichts ging im Klartext hinaus (dane)
   *[other] DANE schützt Ihre Mail (dane)
}
subject-dane-only = Ihre Mail geht nur hinaus, wo DANE sie schützt (dane-only)
subject-mta-sts = { $dane ->
    [broken] MTA-STS schützt Ihre Mail, schaltet aber DANE ab (mta-sts)
   *[other] { $clear-ut ->
        [practised] MTA-STS schützt Ihre Mail; ohne ging sie im Klartext hinaus (mta-sts)
        [not-practised] MTA-STS schützt Ihre Mail, nichts ging im Klartext hinaus (mta-sts)
       *[other] MTA-STS schützt Ihre Mail (mta-sts)
    }
}
subject-dane-and-mta-sts = { $clear-ut ->
    [practised] DANE und MTA-STS schützen Ihre Mail; ohne sie ging sie im Klartext hinaus
    [not-practised] DANE und MTA-STS schützen Ihre Mail, nichts ging im Klartext hinaus
   *[other] DANE und MTA-STS schützen Ihre Mail (dane+mta-sts)
}
subject-undecided = Nicht eindeutig: Die Richtlinie Ihres Mailservers ist { $terms }
subject-unknown = Nicht eindeutig: Wie Ihre Mail geschützt ist, war zu wenig zu sehen
subject-contradiction = Widersprüchlich: Ihre Mail wird unterschiedlich geschützt
subject-open = Noch nicht zu Ende: { $subject }

answer-none = Ihr Mailserver ({ $sender }) verschickt Mail unverschlüsselt, auch an Server, die Verschlüsselung anbieten.
meaning-none = Wer an der Leitung sitzt, kann Ihre Mail unbemerkt lesen und verändern.
answer-may = Ihr Mailserver ({ $sender }) verschlüsselt Mail, wenn der empfangende Server es anbietet, und verschickt sie im Klartext, wenn das Angebot fehlt.
meaning-may = Wer an der Leitung sitzt, kann das Angebot entfernen oder sich als Empfänger ausgeben und Ihre Mail lesen.
answer-may-and-sni = { answer-may }
meaning-may-and-sni = { meaning-may }
answer-may-and-verify = Ihr Mailserver ({ $sender }) besteht auf einem gültigen Zertifikat, wenn der empfangende Server Verschlüsselung anbietet, und verschickt Mail im Klartext, wenn das Angebot fehlt.
meaning-may-and-verify = Wer an der Leitung sitzt, kann das Angebot entfernen und Ihre Mail lesen.
answer-encrypt = Ihr Mailserver ({ $sender }) verschickt keine Mail unverschlüsselt, prüft aber nicht, mit wem er spricht.
meaning-encrypt = Wer nur mithört, erfährt nichts; wer sich als Empfänger ausgeben kann, liest Ihre Mail trotzdem.
answer-encrypt-and-sni = { answer-encrypt }
meaning-encrypt-and-sni = { meaning-encrypt }
answer-verify = Ihr Mailserver ({ $sender }) verschickt Mail nur verschlüsselt und nur an Server, deren Zertifikat eine bekannte Zertifizierungsstelle unterschrieben hat.
meaning-verify = Auf DANE und MTA-STS, mit denen ein Empfänger sagt, welche Server die seinen sind, achtet er nicht.
answer-verify-and-sni = { answer-verify }
meaning-verify-and-sni = { meaning-verify }
answer-dane = Ihr Mailserver ({ $sender }) praktiziert DANE: Wo der Empfänger es veröffentlicht, geht Mail nur verschlüsselt hinaus und nur an den richtigen Server.
meaning-dane = { $clear-ut ->
    [practised] Wo der Empfänger nichts veröffentlicht, hat er die Mail im Klartext verschickt, sobald keine Verschlüsselung angeboten wurde.
    [not-practised] Auch wo der Empfänger nichts veröffentlicht, hat er nichts im Klartext verschickt.
   *[other] Ob er im Klartext verschickt, wo der Empfänger nichts veröffentlicht, ließ sich nicht sagen.
}
answer-dane-only = Ihr Mailserver ({ $sender }) verschickt Mail nur an Empfänger, die DANE veröffentlichen, und zwar verschlüsselt und nur an den richtigen Server.
meaning-dane-only = Empfänger ohne DANE bekommen von ihm keine Mail.
answer-mta-sts = Ihr Mailserver ({ $sender }) praktiziert MTA-STS: Wo der Empfänger eine Richtlinie veröffentlicht, geht Mail nur verschlüsselt hinaus und nur an Server, die sie nennt und deren Zertifikat gültig ist.
meaning-mta-sts = { $dane ->
    [broken] Auch DANE kennt er, schaltet es aber ab, wo es eine Richtlinie gibt; das verbietet der Standard.
   *[other] { meaning-dane }
}
answer-dane-and-mta-sts = Ihr Mailserver ({ $sender }) praktiziert DANE und MTA-STS: Wo der Empfänger eines davon veröffentlicht, geht Mail nur verschlüsselt hinaus und nur an den richtigen Server.
meaning-dane-and-mta-sts = { meaning-dane }
answer-undecided = Wie Ihr Mailserver ({ $sender }) Mail schützt, ließ sich nicht ganz klären: Was zu sehen war, passt zu mehr als einer Art des Versands ({ $terms }).
meaning-undecided = { $clear-et ->
    [practised] Sicher ist, dass er im Klartext verschickt, wenn keine Verschlüsselung angeboten wird.
    [not-practised] Sicher ist, dass er nichts im Klartext an einen Empfänger verschickt hat, der Verschlüsselung verlangt.
   *[other] Was sicher ist, was nicht und warum, steht weiter unten.
}
answer-unknown = Wie Ihr Mailserver ({ $sender }) Mail schützt, ließ sich nicht sagen: Es war zu wenig zu sehen.
meaning-unknown = Das spricht weder für noch gegen ihn.
answer-contradiction = Was von Ihrem Mailserver ({ $sender }) zu sehen war, passt nicht zusammen: Keine Art des Versands erklärt alles davon.
meaning-contradiction = Oft behandeln mehrere Maschinen mit verschiedenen Einstellungen dieselbe Mail; unten steht, was jede tat.
answer-our-fault = Ein Teil dieses Tests ist gescheitert, weil bei uns etwas nicht stimmte, nicht bei Ihnen: Dieser Teil bleibt offen.
answer-open = Der Test läuft noch; dies ist der bisherige Stand.
answer-expired = Der Test hat bis zum Ende seiner Frist gewartet und endete mit dem, was bis dahin bekannt war.

term-postfix = In den Worten von Postfix: { $terms }.
term-other = Die Richtlinie in einem Wort: { $terms }.
term-candidates = Richtlinien, zu denen das Gesehene passt: { $terms }.
term-contradiction = Keine Richtlinie passt zu allem, was zu sehen war.

### Die Tabelle der Verfahren

sending-title = Versand
sending-intro = Was Ihr Mailserver tut und woher wir das wissen. { "✔" } schützt, { "✘" } schützt nicht, { "–" } weder noch, { "?" } ließ sich nicht sagen.
result-practised = praktiziert
result-not-practised = nicht praktiziert
result-broken = fehlerhaft
result-inconclusive = nicht eindeutig
label-clear-text-et = Klartext, wo TLS verlangt ist (et)
label-clear-text-ut = Klartext, wo nichts veröffentlicht ist (ut)
label-mandatory-tls = TLS von jedem Server verlangt
label-certificate-checking = Zertifikate anhand von CAs geprüft
label-dane = DANE (RFC 7672)
label-mta-sts = MTA-STS (RFC 8461)
label-sni = Servername in TLS genannt (SNI)
label-laxer-on-retry = Nachlässiger beim Wiederholen
label-falls-back-to-clear-text = Klartext nach gescheitertem TLS
label-message = Mail signiert und autorisiert

shown-clear = { $count ->
    [one] { $servers } bekam die Mail im Klartext
   *[other] { $servers } bekamen die Mail im Klartext
}
shown-delivered = { $count ->
    [one] { $servers } bekam die Mail über TLS
   *[other] { $servers } bekamen die Mail über TLS
}
shown-refused = { $count ->
    [one] { $servers } wurde abgelehnt
   *[other] { $servers } wurden abgelehnt
}
shown-left = { $count ->
    [one] eine Verbindung ohne STARTTLS endete ohne Mail
   *[other] { $count } Verbindungen ohne STARTTLS endeten ohne Mail
}
shown-nothing = Das folgt aus allem, was zu sehen war.
silence = Kein Anzeichen dafür, obwohl eines zu sehen gewesen wäre.
silence-dane = Kein Anzeichen: Nach TLSA-Einträgen wurde nicht gefragt, wo ein Absender mit DANE danach fragt.
silence-mta-sts = Kein Anzeichen: Nach der Richtlinie wurde nie gefragt.
reason-no-occasion = Es schlug nichts fehl, das dann erneut versucht wurde: Es gab keine Gelegenheit, das zu sehen.
reason-before-policy = Im Klartext kam nur Mail, bevor die Richtlinie abgerufen war, was RFC 8461 erlaubt; was bei bekannter Richtlinie geschieht, war nicht zu sehen.
reason-overridden = Das Zertifikat, das DANE verbietet, wurde hingenommen, weil MTA-STS es erlaubt.
reason-not-met = { $servers } { $count ->
    [one] würde es zeigen,
   *[other] würden es zeigen,
} aber dort war nicht genug zu sehen.
reason-not-met-any = Wo es sich zeigen würde, war nicht genug zu sehen.
reason-no-control = { $servers } { $count ->
    [one] bekam keine Mail,
   *[other] bekamen keine Mail,
} der fehlerfreie Server aber auch nicht: Das beweist also nichts.
reason-not-addressed = Die Mail war nicht an { $domain } gerichtet.
reason-shared-source = Nur Verbindungen ohne Mail sprechen dafür, und zur gleichen Zeit kam ein anderer Test von derselben Quelle.
reason-our-fault = Unser Fehler, nicht Ihrer: { $what }
reason-our-limit = TLS scheiterte, weil unser Server nicht spricht, was Ihrer anbot: unsere Grenze, nicht Ihre Richtlinie.
reason-ambiguous = Was die Verbindungen zeigen, entscheidet es nicht, und die DNS-Anfragen und Abrufe, die zu sehen waren, auch nicht.
reason-contradiction = Die Beobachtungen widersprechen einander.

### Auswertung

analysis-title = Auswertung
analysis-intro = Was sicher ist, bedeutet dies und beruht auf diesen Verbindungen und Standards.
evidence = { $count ->
    [one] Siehe Verbindung { $list }.
   *[other] Siehe die Verbindungen { $list }.
}
why-clear-text-et-practised = Als keine Verschlüsselung angeboten wurde, ging die Mail an { $et } im Klartext hinaus, obwohl diese Domain mit DANE und MTA-STS veröffentlicht, dass sie stets Verschlüsselung anbietet. Wer das Angebot unterwegs entfernt, liest die Mail.
why-clear-text-et-not-practised = Als keine Verschlüsselung angeboten wurde, ging keine Mail an { $et } im Klartext hinaus.
why-clear-text-ut-practised = Als keine Verschlüsselung angeboten wurde, ging die Mail an { $ut } im Klartext hinaus. Diese Domain veröffentlicht nichts, woraus Ihr Server es besser hätte wissen können. Die Standards erlauben das; wer das Angebot unterwegs entfernt, liest die Mail trotzdem.
why-clear-text-ut-not-practised = Keine Mail an { $ut } ging im Klartext hinaus, obwohl diese Domain nichts veröffentlicht, was Verschlüsselung verlangt.
why-mandatory-tls-practised = Ihr Server verlangt Verschlüsselung von jedem Server, was auch immer dieser veröffentlicht.
why-mandatory-tls-not-practised = Von Servern, die nichts veröffentlichen, verlangt Ihr Server keine Verschlüsselung.
why-certificate-checking-practised = Wo weder DANE noch MTA-STS gilt, nimmt Ihr Server nur ein Zertifikat hin, für das eine Zertifizierungsstelle bürgt.
why-certificate-checking-not-practised = { $term ->
    [none] Ihr Server verschlüsselt nicht und bekommt kein Zertifikat zu sehen.
    [dane-only] Ihr Server verschickt nur, wo DANE gilt, und braucht dafür keine Zertifizierungsstelle.
   *[other] Wo weder DANE noch MTA-STS gilt, nimmt Ihr Server jedes Zertifikat hin: Er weiß nicht, für wen er verschlüsselt.
}
why-dane-practised = Wo TLSA-Einträge veröffentlicht sind, nimmt Ihr Server nur ein Zertifikat hin, das zu ihnen passt.
why-dane-not-practised = Ihr Server prüft Zertifikate nicht anhand von TLSA-Einträgen. Vielleicht fragt er nicht nach ihnen, oder sein Resolver prüft DNSSEC nicht, so dass er sie nicht nutzen darf.
why-mta-sts-practised = Wo eine MTA-STS-Richtlinie gilt, verschickt Ihr Server Mail nur an Server, die sie nennt, und nur bei gültigem Zertifikat.
why-mta-sts-not-practised = Ihr Server richtet sich nicht nach MTA-STS-Richtlinien.
why-broken = DANE und MTA-STS galten beide, und MTA-STS allein entschied: Ein Zertifikat, das an DANE scheitert, wurde hingenommen. MTA-STS darf eine gescheiterte Prüfung nach DANE nicht aufheben.
why-sni-practised = Ihr Server nennt beim Aufbau von TLS den Namen des Servers, den er erreichen will. DANE und MTA-STS brauchen das; sonst schadet es nicht.
why-sni-not-practised = { $term ->
    [none] Ihr Server verschlüsselt nicht und nennt deshalb auch in TLS keinen Servernamen.
   *[other] Ihr Server nennt beim Aufbau von TLS nicht den Namen des Servers, den er erreichen will. Ein Empfänger mit mehreren Namen zeigt dann vielleicht das falsche Zertifikat.
}
why-laxer-on-retry-practised = Ein Server, der zunächst abgelehnt wurde, bekam die Mail bei einem späteren Versuch. Ein Angreifer braucht nur Geduld.
why-laxer-on-retry-not-practised = Kein Server, der abgelehnt wurde, bekam die Mail bei einem späteren Versuch.
why-falls-back-to-clear-text-practised = Nachdem TLS gescheitert war, ging Mail im Klartext an einen Server, der Verschlüsselung anbot. Ein Angreifer braucht TLS nur zu stören.
why-falls-back-to-clear-text-not-practised = Keine Mail ging nach gescheitertem TLS im Klartext an einen Server, der Verschlüsselung anbot.
rfc-clear-text-et = RFC 7672 §2.2, RFC 8461 §5
rfc-clear-text-ut = RFC 3207 §6, RFC 7435
rfc-mandatory-tls = RFC 3207 §6
rfc-certificate-checking = RFC 3207 §4.1, RFC 9525
rfc-dane = RFC 7672 §2.2 und §3, RFC 6698
rfc-mta-sts = RFC 8461 §4 und §5; DANE geht vor: §2
rfc-sni = RFC 6066 §3, RFC 7672 §8.1, RFC 8461 §7.1
rfc-laxer-on-retry = RFC 7672 §2.2, RFC 8461 §5.1
rfc-falls-back-to-clear-text = RFC 7435, RFC 3207 §6

apart-title = Einzeln beurteilt
apart-intro = Die Mail kam von mehreren Quellen, die sich nicht gleich verhalten. Was die Verbindungen jeder einzelnen zeigen:
apart-source = { $source }: { $terms }
apart-contradiction = { $source }: widerspricht sich selbst

receiving-title = Empfang

### Was zu tun ist

advice-title = Was zu tun ist
advice-intro = Für alle, die den Mailserver verwalten, der diese Mail verschickt hat, und ihre Domain.
advice-nothing = Versand: nichts, was aus diesem Test folgt.
advice-starttls = Verschlüsseln Sie, wo es angeboten wird. Postfix: smtp_tls_security_level = may (oder besser). Exim: Suchen Sie nach hosts_avoid_tls.
advice-dane = Praktizieren Sie DANE, damit niemand die Verschlüsselung entfernen oder sich als Empfänger ausgeben kann, wo dieser TLSA-Einträge veröffentlicht. Nötig ist ein Resolver auf demselben Rechner, der DNSSEC prüft. Postfix: smtp_tls_security_level = dane mit smtp_dns_support_level = dnssec. Exim: dnssec_request_domains = * und hosts_try_dane, mit "options trust-ad" in resolv.conf.
advice-dane-too = Praktizieren Sie auch DANE: Es braucht keine Zertifizierungsstelle und schützt schon die erste Mail. Nötig ist ein Resolver, der DNSSEC prüft. Postfix: smtp_tls_security_level = dane mit einem MTA-STS-Resolver, der Domains mit TLSA-Einträgen DANE überlässt.
advice-mta-sts-too = Um Mail an Domains zu schützen, die MTA-STS und kein DANE veröffentlichen, nehmen Sie MTA-STS hinzu. Postfix: ein MTA-STS-Resolver in smtp_tls_policy_maps, der Domains mit TLSA-Einträgen DANE überlässt.
advice-encrypt = Verschlüsselung allein hält niemanden auf, der sich als Empfänger ausgibt. Prüfen Sie Zertifikate, wo Empfänger sagen, wie: mit DANE und mit MTA-STS. Von Partnern, die beides nicht veröffentlichen, verlangen Sie ein geprüftes Zertifikat (Postfix: "secure" in smtp_tls_policy_maps).
advice-verify = Beachten Sie DANE und MTA-STS. Viele gute Server haben Zertifikate, die keine Zertifizierungsstelle unterschrieben hat, und veröffentlichen sie stattdessen mit DANE; Mail an diese wartet, bis sie zurückkommt.
advice-sni = Nennen Sie in TLS den Namen des Servers (SNI). Ohne das zeigen Empfänger mit mehreren Namen vielleicht ein Zertifikat, das nicht passt, und die Mail wartet. Postfix: smtp_tls_servername = hostname.
advice-override = Lassen Sie DANE vorgehen. Postfix: Ein Eintrag in smtp_tls_policy_maps ersetzt für seine Domain die Stufe "dane"; nehmen Sie einen MTA-STS-Resolver, der Domains mit TLSA-Einträgen DANE überlässt.
advice-partners = Mail an Empfänger, die weder DANE noch MTA-STS veröffentlichen, lässt sich weiterhin in den Klartext zwingen. Von Partnern, die Sie kennen, verlangen Sie Verschlüsselung (Postfix: "encrypt" oder "secure" in smtp_tls_policy_maps).
advice-laxer = Liefern Sie beim Wiederholen nicht aus, was vorher abgelehnt wurde. Suchen Sie nach einer Einstellung, die das Prüfen nach einigen Versuchen aufgibt.
advice-fallback = Verschicken Sie nicht im Klartext, nachdem TLS gescheitert ist. Suchen Sie nach einer Einstellung wie dem Wiederholen ohne TLS (Exim: tls_tempfail_tryclear = false).
advice-both-addresses = Schicken Sie eine Mail an beide Testadressen, de@{ $et } und de@{ $ut }. Erst beide zusammen sagen alles.
advice-alike = Geben Sie allen Maschinen, die Ihre Mail verschicken, dieselben Einstellungen.
advice-again = Schicken Sie die Mail noch einmal, an beide Adressen, de@{ $et } und de@{ $ut }, und lassen Sie Ihren Server so lange wiederholen, wie er mag.
advice-dkim = Signieren Sie Ihre Mail mit DKIM (RFC 6376).
advice-spf = Veröffentlichen Sie einen SPF-Eintrag (RFC 7208) für die Domain des Umschlagabsenders.
advice-dmarc = Veröffentlichen Sie einen DMARC-Eintrag (RFC 9989) für die Domain in From.

### Die Mail selbst

message-title = Die Mail selbst
message-intro = Was die Mail mitbrachte, um zu zeigen, dass sie von Ihnen ist.
message-passed = { $count } von 3 bestanden
message-how = DKIM: { $dkim }, SPF: { $spf }, DMARC: { $dmarc }.
label-dkim = DKIM (RFC 6376)
label-spf = SPF (RFC 7208)
label-dmarc = DMARC (RFC 9989)
label-arc = ARC (RFC 8617)
dkim-none = keine Signatur
arc-sets = { $count ->
    [0] keine ARC-Felder
    [one] ein Satz ARC-Felder
   *[other] { $count } Sätze ARC-Felder
}
rfc8601-none = nicht vorhanden

### Verbindungen

connections-title = Verbindung für Verbindung
connections-intro = Zeiten in UTC. Server 1 ist jeder Server, solange STARTTLS zurückgehalten wird, Server 2 jeder Server, der in TLS nicht beim Namen genannt wird, Server 7 ist am Namen oder am Empfänger zu erkennen. Adressen sind gekürzt.
connections-more = { $count ->
    [one] Eine weitere Verbindung ist hier nicht gezeigt.
   *[other] { $count } weitere Verbindungen sind hier nicht gezeigt.
}
day = { $day }
from = gesendet von { $sender }
time-open = offen
server = Server { $number }
server-as = als Server { $number }
server-any = Irgendein Server
transport-plain = Klartext
transport-tls = TLS
outcome-mail-in-clear = Mail im Klartext
outcome-mail-in-tls = Mail über TLS
outcome-left-without-mail = ging ohne Mail, weil STARTTLS nicht angeboten wurde
outcome-refused-certificate = lehnte unser Zertifikat ab
outcome-our-limit = TLS scheiterte: Uns fehlt, was angeboten wurde
outcome-tls-failed = TLS scheiterte
outcome-no-mail-in-tls = grüßte über TLS und begann keine Mail
outcome-aborted = endete ohne Mail
outcome-open = kein Ende bekannt
closed-quit = QUIT
closed-sender = geschlossen ohne QUIT
closed-us = wir haben geschlossen
closed-timeout = Zeit abgelaufen
alert = Alert { $code } ({ $name })
starttls-unoffered = STARTTLS gesendet, obwohl nicht angeboten
irregular = regelwidrig: { $kinds }
sni-none = kein SNI
certificate-phase-a = gezeigt: ein selbst unterschriebenes Zertifikat
certificate-phase-b = gezeigt: ein gültiges Zertifikat für alle Server
dot-acknowledged = angenommen
dot-held = { $code }, später noch einmal
dot-refused = { $code }, abgelehnt
dot-unanswered = keine Antwort bekannt
dot-none = nicht zu Ende gesendet
tie-address = Schwach zugeordnet: keine Mail dieses Tests, aber dieselbe Adresse.
tie-network = Schwach zugeordnet: keine Mail dieses Tests, aber dasselbe Netz.
tie-domain = Schwach zugeordnet: keine Mail dieses Tests, aber dieselbe Domain in EHLO.
tie-shared = Ein anderer Test kann sie ebenso beanspruchen, deshalb entscheidet sie nichts.

queries-title = Erfragte Namen
queries-intro = DNS-Anfragen an uns, die zeitlich zum Test passen, mit dem Resolver, der fragte. Sie können auch von anderen stammen.
fetches-title = Besuche beim Richtlinien-Server
fetches-intro = Abrufe der MTA-STS-Richtlinie, die zum Test passen.
fetch-none = keine Anfrage, nur TLS
log-more = { $count ->
    [one] und eine weitere Zeile
   *[other] und { $count } weitere Zeilen
}

### Das Unbekannte

unknown-title = Was sich nicht sagen ließ, und warum
unknown-intro = { "" }
unknown-dnssec = Ob Ihr Resolver gefälschte DNS-Antworten zurückweist (DNSSEC): Das können diese beiden Domains nicht zeigen.
unknown-unended = Wie manche Verbindungen endeten: Ihr Ende ist nicht vermerkt, weil sie noch bestehen oder weil unser Dienst neu gestartet wurde.
contradiction = { $first } und { $second } widersprechen einander: Keine Art des Versands tut beides.
contradiction-link = Verbindung { $number }
contradiction-seq = Beobachtung { $seq }

footer-vouched = Diese Antwort geht an den Umschlagabsender (MAIL FROM), weil SPF oder DKIM für ihn bürgt.
footer-kept = Diese Auswertung wird { $days ->
    [one] einen Tag
   *[other] { $days } Tage
} aufbewahrt. Wer diese Adresse kennt, kann sie lesen: { $url }
footer-withheld = Diese Auswertung wurde nicht per Mail verschickt: { $reason }.

withheld-null-reverse-path = Die Mail kam mit leerem Umschlagabsender, und darauf wird nicht geantwortet
withheld-auto-submitted = Die Mail sagt, dass ein Programm sie verschickt hat
withheld-list = Die Mail kam über eine Mailingliste
withheld-bulk = Die Mail nennt sich selbst Massensendung
withheld-report = Die Mail ist ein Bericht und nicht von einem Menschen
withheld-ourselves = Die Mail kam von uns selbst
withheld-loop = Die Mail scheint im Kreis zu laufen
withheld-no-mail = Keine Mail wurde zu Ende übertragen
withheld-not-vouched = Weder SPF noch DKIM bürgt für die Absenderadresse
withheld-address-limit = Diese Adresse hat heute so viele Auswertungen bekommen, wie sie darf
withheld-domain-limit = Diese Domain hat heute so viele Auswertungen bekommen, wie sie darf
withheld-day-limit = Wir haben heute so viele Auswertungen verschickt, wie wir dürfen
withheld-address-forgotten = Die Absenderadresse ist nicht mehr bekannt
withheld-unwritable = An die Absenderadresse können wir nicht schreiben

subject-per-destination = Ihre Mail ist je nach Ziel verschieden geschützt
answer-per-destination = Ihr Mailserver ({ $sender }) hat für jedes Ziel eine eigene Richtlinie.
meaning-per-destination = Was für einen Empfänger gilt, sagt nichts über andere.
label-refuses-sound-server = label-refuses-sound-server
why-refuses-sound-server-practised = why-refuses-sound-server-practised
why-refuses-sound-server-not-practised = why-refuses-sound-server-not-practised
rfc-refuses-sound-server = rfc-refuses-sound-server
reason-asked-for-mta-sts = reason-asked-for-mta-sts
reason-asked-for-dane = reason-asked-for-dane
reason-not-proved = reason-not-proved
reason-sound-refused = reason-sound-refused
reason-undone-falls-back-to-clear-text = reason-undone-falls-back-to-clear-text
reason-undone-laxer-on-retry = reason-undone-laxer-on-retry

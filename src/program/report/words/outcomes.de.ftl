# Was über Fälle mit Fehlern gesagt wird: was jeder erwartet, was zu sehen war, und was das wert ist. `hosts` ist `one`, wo
# eine Domain nur einen Server hat.

### Was ein Fall ist

case-own = Ein Fall dieses Dienstes
    .what = Von einer signierten Domain mit zwei einwandfreien Servern unterscheidet ihn: { $differences }.
cases-same = Er unterscheidet sich nicht von einer signierten Domain mit zwei einwandfreien Servern.
cases-family-plain = Domains, die nichts veröffentlichen
cases-family-mta-sts = Domains nur mit MTA-STS
cases-family-dane = Domains nur mit DANE
cases-family-both = Domains mit DANE und MTA-STS
cases-family-dnssec = Ob DNS-Antworten geprüft werden (DNSSEC)
cases-family-reports = Berichte und REQUIRETLS
cases-family-reach = Ob eine Domain erreicht wird
cases-outcome-clear = { $hosts ->
    [one] Mail im Klartext
   *[other] Mail im Klartext beim ersten Server
}
cases-outcome-delivered = { $hosts ->
    [one] verschlüsselte Mail
   *[other] verschlüsselte Mail beim ersten Server
}
cases-outcome-turned = Mail nur beim zweiten Server
cases-outcome-held = keine Mail
cases-conforms = Die Standards sehen vor: { $list }.
cases-allowed = Auch erlaubt: { $list }.
cases-open = Die Standards lassen offen, was ein Absender hier tut.
cases-allowed-alone = Die Standards lassen es offen: { $list }.
cases-fault = Ein Fehler: { $list }.
cases-not-practised = Worum es hier geht, wird nicht genutzt: { $list }.

### Was zu sehen war

cases-title = Zweiter Teil: fehlerhafte Domains
cases-intro = Jede Domain hat einen ersten Server, der meist fehlerhaft ist, und einen einwandfreien zweiten. { "✔" } wie von den Standards verlangt, { "–" } erlaubt, { "!" } nicht genutzt, { "✘" } ein Fehler, { "?" } offen.
cases-seen-clear = { $hosts ->
    [one] Mail kam im Klartext
   *[other] Mail kam im Klartext beim ersten Server an
}
cases-seen-delivered = { $hosts ->
    [one] Mail kam verschlüsselt
   *[other] Mail kam verschlüsselt beim ersten Server an
}
cases-seen-refused = der erste Server wurde abgelehnt, und Mail kam beim zweiten an
cases-seen-passed-over = der erste Server wurde nicht versucht, und Mail kam beim zweiten an
cases-seen-turned = Mail kam nur beim zweiten Server an
cases-seen-held = es kam keine Mail
cases-seen-unseen = nichts, was zu beurteilen wäre
cases-worth-conforms = wie es sein soll
cases-worth-allowed = erlaubt
cases-worth-fault = Fehler
cases-worth-not-practised = nicht genutzt
cases-worth-unseen = nicht feststellbar
cases-many-conforms = Wie es sein soll
cases-many-allowed = Erlaubt
cases-many-fault = Fehler
cases-many-not-practised = Nicht genutzt
cases-many-unseen = Nicht feststellbar
cases-why-practised-elsewhere = { $count ->
    [one] Eine andere Domain zeigt, dass es sonst genutzt wird: { $list }.
   *[other] Andere Domains zeigen, dass es sonst genutzt wird: { $list }.
}
cases-why-never-reached = Niemand hat bei uns nach der Domain gefragt, und niemand kam zu ihren Servern.
cases-why-not-looked-up = Nach dem ersten Server hat bei uns niemand gefragt. Ob er übergangen wurde, ist daher nicht bekannt.
cases-why-before-policy = Die Mail kam, bevor die Richtlinie bekannt war, und kein späterer Versuch war zu sehen. Eine Richtlinie darf im Hintergrund geholt werden (RFC 8461 §5.1).
cases-why-no-control = Auch bei der Kontrolle { $case } kam keine Mail an. Was abgelehnt wurde, ist daher nicht bekannt.
cases-why-control-not-tried = Die Kontrolle { $case } gehörte nicht zu diesem Test. Was abgelehnt wurde, ist daher nicht bekannt.
cases-why-no-second-mail = Diese Domain braucht nach der ersten, angenommenen Mail eine zweite, und die war nicht zu sehen.
cases-why-ambiguous = In TLS wurde kein Server genannt. Ob der erste abgelehnt oder nicht versucht wurde, ist daher nicht bekannt.
cases-why-our-fault = Unsere eigene Prüfung dieser Domain schlug zu dieser Zeit fehl. Das ist unser Fehler.
cases-why-not-looked-at = Wir waren gerade gestartet und hatten diese Domain selbst noch nicht geprüft.
cases-why-our-limit = TLS scheiterte an dem, was unserem Programm fehlt.
cases-why-incomplete = Ein Teil dessen, was zu dieser Zeit geschah, wurde nicht behalten.
cases-why-running = Es läuft noch.
cases-why-not-resumed = Beim ersten Server wurde keine Sitzung wieder aufgenommen. Ob eine wieder aufgenommene neu geprüft wird, zeigt sich daher nicht.
cases-why-goes-ahead-anyway = Ihr Server wartet die Antwort auf EHLO auch sonst nicht ab. Ob er glaubte, was eingeschoben wurde, zeigt sich daher nicht.
cases-sign-injection-believed = In TLS machte Ihr Server weiter, bevor wir geantwortet hatten. Er hielt für unsere Antwort, was vor Beginn von TLS im Klartext kam, und muss das wegwerfen (RFC 3207 §4.2). Wer den Verkehr verändern kann, kann uns Worte in den Mund legen.
cases-sign-injection-discarded = In TLS wartete Ihr Server unsere Antwort ab.
cases-sign-tls-not-required = In der Mail stand „TLS-Required: No“. Richtlinien müssen daher für sie nicht zählen (RFC 8689 §5).
cases-sign-requiretls = Die Mail wurde mit REQUIRETLS gesendet.
cases-sign-resumed = Beim ersten Server wurde eine Sitzung wieder aufgenommen.
cases-sign-not-resumed = Beim ersten Server wurde keine Sitzung wieder aufgenommen.
cases-laxer = Ein früherer Versuch war strenger.
cases-asked-policy = Nach der Richtlinie wurde gefragt. Ob sie befolgt wird, zeigt sich hier nicht.
cases-asked-names = Gefragt wurde nach: { $list }.
cases-asked-tlsa = Nach TLSA-Einträgen wurde gefragt. Ob sie befolgt werden, zeigt sich hier nicht.
cases-apart-title = Was jeder Server im zweiten Teil tat
cases-apart-alike = wie oben

### Die Antwort

subject-cases-fault = { $count ->
    [one] ein Fehler bei einer der fehlerhaften Domains
   *[other] Fehler bei { $count } der fehlerhaften Domains
}
subject-cases-not-practised = kein Fehler, doch bei { $count ->
    [one] einer fehlerhaften Domain
   *[other] { $count } fehlerhaften Domains
} wird ein Schutz nicht genutzt
subject-cases-fine = bei { $count ->
    [one] einer fehlerhaften Domain
   *[other] { $count } fehlerhaften Domains
} nichts gegen die Standards
subject-cases-unseen = bei den fehlerhaften Domains war zu wenig zu sehen
answer-cases-fault = Ihr Mailserver ({ $sender }) wurde mit { $all ->
    [one] einer Domain getestet, die absichtlich fehlerhaft ist
   *[other] { $all } Domains getestet, die absichtlich fehlerhaft sind
}. Bei { $count ->
    [one] einer davon
   *[other] { $count } davon
} handelte er gegen die Standards.
answer-cases-not-practised = Ihr Mailserver ({ $sender }) wurde mit { $all ->
    [one] einer Domain getestet, die absichtlich fehlerhaft ist
   *[other] { $all } Domains getestet, die absichtlich fehlerhaft sind
}. Er tat nichts, was die Standards verbieten, doch bei { $count ->
    [one] einer davon
   *[other] { $count } davon
} nutzte er einen Schutz nicht, den die Domain anbietet.
answer-cases-fine = Ihr Mailserver ({ $sender }) wurde mit { $all ->
    [one] einer Domain getestet, die absichtlich fehlerhaft ist
   *[other] { $all } Domains getestet, die absichtlich fehlerhaft sind
}. Bei { $count ->
    [one] der einen, bei der etwas zu sehen war,
   *[other] allen { $count }, bei denen etwas zu sehen war,
} handelte er, wie die Standards es verlangen oder erlauben.
answer-cases-unseen = Wie Ihr Mailserver ({ $sender }) mit absichtlich fehlerhaften Domains umgeht, ließ sich nicht feststellen: Es war zu wenig zu sehen.
also-cases-fault = Im zweiten Teil, mit { $all ->
    [one] einer absichtlich fehlerhaften Domain
   *[other] { $all } absichtlich fehlerhaften Domains
}, handelte Ihr Mailserver bei { $count } gegen die Standards.
also-cases-not-practised = Im zweiten Teil, mit { $all ->
    [one] einer absichtlich fehlerhaften Domain
   *[other] { $all } absichtlich fehlerhaften Domains
}, nutzte Ihr Mailserver bei { $count } einen Schutz nicht.
also-cases-fine = Im zweiten Teil, mit { $all ->
    [one] einer absichtlich fehlerhaften Domain
   *[other] { $all } absichtlich fehlerhaften Domains
}, tat Ihr Mailserver nichts gegen die Standards.
also-cases-unseen = Der zweite Teil, mit absichtlich fehlerhaften Domains, zeigte zu wenig für ein Urteil.
answer-cases-left = { $count ->
    [one] Eine Domain bleibt offen
   *[other] { $count } Domains bleiben offen
}: Warum, steht unten.

### Was die Fälle über einen Absender sagen

traits-title = Was das über Ihren Mailserver sagt
traits-terms = { $count ->
    [0] Keine Richtlinie erklärt alles.
    [one] Das Verhalten, in Worten wie denen von Postfix: { $list }.
   *[other] Verhalten, die alles erklären: { $list }.
}
trait-open = offen ({ $values })
trait-unknown = nicht feststellbar
trait-by = { $count ->
    [one] Das sagt { $list }.
   *[other] Das sagen { $list }.
}
trait-starttls = Verschlüsselung, die nicht angeboten wird
trait-failed-starttls = Verschlüsselung, die scheitert
trait-tls-version = Veraltete Verschlüsselung
trait-injection = Klartext hinter STARTTLS
trait-certificates = Zertifikate, wo nichts veröffentlicht ist
trait-mta-sts = MTA-STS
trait-mta-sts-matching = Woran MTA-STS geprüft wird
trait-policy-defects = Fehlerhafte MTA-STS-Richtlinien
trait-testing = MTA-STS-Richtlinien, die nichts verlangen
trait-policy-cache = Aufbewahrung von MTA-STS-Richtlinien
trait-retry = Strenge beim späteren Versuch
trait-dane = DANE
trait-failed-lookup = Gescheiterte Fragen nach TLSA-Einträgen
trait-dnssec = Prüft DNS-Antworten (DNSSEC)
trait-insecure-tlsa = TLSA-Einträge ohne Signatur
trait-half-dane = Signierte Server unsignierter Domains
trait-unusable-tlsa = TLSA-Einträge, die nicht zu gebrauchen sind
trait-dane-ee = DANE mit Usage 3
trait-dane-ta = DANE mit Usage 2
trait-tlsa-sets = Mehrere TLSA-Einträge
trait-tlsa-base = Wo nach TLSA-Einträgen gefragt wird
trait-precedence = DANE vor MTA-STS
trait-reports = TLS-Berichte
trait-require-tls = REQUIRETLS
trait-reach = Erreichbarkeit
trait-resumption = Fortgesetzte Sitzungen

### Ihre Server in den Listen der Verbindungen

ruled-bad = { $case }, erster Server
ruled-good = { $case }, zweiter Server
ruled-any = { $case }
ruled-entrance = zweiter Teil
step-did-ruled = Wir traten als { $host ->
    [bad] erster
   *[good] zweiter
} Server von { $case } auf.
step-did-entrance = Wir traten unter einer Adresse des zweiten Teils auf.
step-follows-ruled = Was das bedeutet, steht bei { $case }.
step-follows-entrance = Keine der Domains wurde genannt, also folgt daraus nichts.

### Die Werte von Eigenschaften

trait-starttls-never = nie genutzt
trait-starttls-if-offered = genutzt, wo angeboten
trait-starttls-required = verlangt
trait-certificates-ignored = nicht geprüft
trait-certificates-verified = geprüft
trait-mta-sts-enforced = ja
trait-mta-sts-not-practised = nein
trait-dane-not-practised = nein
trait-dane-where-usable = ja
trait-dane-required = ja, und ohne geht nichts hinaus
trait-precedence-dane = ja
trait-precedence-both = beide müssen zustimmen
trait-precedence-mta-sts = nein, MTA-STS hebt DANE auf
trait-dnssec-validates = ja
trait-dnssec-expiry-ignored = ja, nimmt aber abgelaufene Signaturen
trait-dnssec-denials-unproved = ja, glaubt aber ohne Beweis, dass es nichts gibt
trait-dnssec-unknown-algorithm-refused = ja, lehnt aber auf unbekannte Weise signierte Domains ab
trait-dnssec-no = nein
trait-insecure-tlsa-ignored = nicht beachtet, wie es sein soll
trait-insecure-tlsa-obeyed = für wahr gehalten
trait-failed-lookup-next-host = der nächste Server wird versucht
trait-failed-lookup-holds-mail = die Mail wartet
trait-failed-lookup-as-none = gilt als „es gibt keine“
trait-half-dane-not-applied = DANE wird dort nicht genutzt
trait-half-dane-applied = DANE wird dort genutzt
trait-unusable-tlsa-any-tls = verschlüsselt, mit beliebigem Zertifikat
trait-unusable-tlsa-not-used = der Server wird übergangen
trait-unusable-tlsa-as-none = gilt als „es gibt keine“
trait-dane-ee-key-alone = allein der Schlüssel zählt
trait-dane-ee-expiry-too = auch der Ablauf zählt
trait-dane-ee-name-too = auch der Name zählt
trait-dane-ee-webpki-too = auch Name, Ablauf und Zertifizierungsstelle zählen
trait-dane-ta-name-and-chain = Name und Kette werden geprüft
trait-dane-ta-name-ignored = der Name wird nicht geprüft
trait-dane-ta-chain-ignored = die Kette wird nicht geprüft
trait-dane-ta-unusable = nicht genutzt
trait-tlsa-sets-strongest-digest = ein passender Eintrag des stärksten Hashs genügt
trait-tlsa-sets-any-record = ein passender Eintrag genügt
trait-tlsa-sets-all-records = alle müssen passen
trait-tlsa-base-as-standard = wo der Standard es sagt
trait-tlsa-base-no-aliases = nicht, wo der Server ein Alias ist
trait-tlsa-base-no-insecure-aliases = nicht, wo der Server ein Alias unsignierter Adressen ist
trait-tlsa-base-no-implicit-mx = nicht, wo die Domain ihr eigener Server ist
trait-mta-sts-matching-name-and-certificate = Name und Zertifikat
trait-mta-sts-matching-certificate-names = nur die Namen im Zertifikat
trait-mta-sts-matching-certificate-names-of-any-depth = nur die Namen im Zertifikat, und ein Platzhalter steht für mehrere Namensteile
trait-mta-sts-matching-certificate-alone = nur das Zertifikat
trait-mta-sts-matching-name-alone = nur der Name
trait-mta-sts-matching-wildcard-of-any-depth = ein Platzhalter steht für mehrere Namensteile
trait-policy-defects-as-none = zählen nicht
trait-policy-defects-obeyed = werden trotzdem befolgt
trait-policy-defects-odd-ignored = seltsame, aber gültige werden nicht beachtet
trait-testing-not-enforced = verlangen nichts, wie es sein soll
trait-testing-testing-enforced = Modus „testing“ wird durchgesetzt
trait-testing-all-enforced = die Modi „testing“ und „none“ werden durchgesetzt
trait-policy-cache-kept = aufbewahrt, solange sie gilt
trait-policy-cache-forgotten = vergessen, wenn sie weg ist
trait-policy-cache-not-refetched = eine neue wird nicht bemerkt
trait-retry-same = so streng wie zuvor
trait-retry-laxer = weniger streng als zuvor
trait-failed-starttls-clear-text = sofort im Klartext gesandt
trait-failed-starttls-clear-text-later = später im Klartext gesandt
trait-failed-starttls-next-host = an den nächsten Server gesandt
trait-tls-version-modern = nicht genutzt
trait-tls-version-rsa-key-transport = TLS 1.2 mit RSA-Schlüsseltransport
trait-tls-version-tls-1-0 = TLS 1.0
trait-injection-discarded = weggeworfen
trait-injection-tls-given-up = TLS wird aufgegeben
trait-injection-believed = geglaubt
trait-require-tls-nothing = nicht verlangt
trait-require-tls-tls-required-no = in der Mail stand, dass Richtlinien nicht zählen müssen („TLS-Required: No“)
trait-require-tls-requiretls = die Mail wurde mit REQUIRETLS gesendet
trait-reach-all = alles
trait-reach-no-ipv6-hosts = kein Server über IPv6
trait-reach-no-ipv4-hosts = kein Server über IPv4
trait-reach-no-ipv6-name-servers = kein Nameserver über IPv6
trait-reach-no-large-answers = keine Domain mit großen Antworten
trait-resumption-authenticated = neu geprüft
trait-resumption-trusted = nicht neu geprüft

### Was ein Absender in TLS anbietet

traits-offered = Bietet in TLS an
traits-offered-what = { $versions }{ $post-quantum ->
    [yes] {", mit einem Schlüsselaustausch, dem Quantencomputer nichts anhaben (X25519MLKEM768)"}
   *[no] {""}
}{ $dhe ->
    [yes] {", mit Verfahren nach Diffie-Hellman über endlichen Körpern (DHE)"}
   *[no] {""}
}{ $rsa ->
    [yes] {", mit Verfahren ohne Forward Secrecy (RSA)"}
   *[no] {""}
}
traits-offered-how = So steht es in seinen ClientHello-Nachrichten. Das wird mitgeteilt und nicht beurteilt.

### Der Weg zum zweiten Teil

second-title = Der zweite Teil
second-intro = Antworten Sie auf diese Mail, und der zweite Teil beginnt. Die Antwort geht an { $count ->
    [one] eine Domain, die
   *[other] { $count } Domains, die
} absichtlich fehlerhaft { $count ->
    [one] ist
   *[other] sind
}; was darin steht, ist gleichgültig. Sie zeigen, was der erste Teil nicht zeigen kann: ob Ihr Mailserver DNS-Antworten prüft, MTA-STS beachtet, und was von DANE und MTA-STS Vorrang hat. Einige Exemplare werden bei Ihrem Server warten, bis der zweite Teil endet. Dann verschwinden die Fehler, und die Exemplare werden angenommen: alle außer dem für bogus-ds, eine Domain, deren Fehler nicht verschwinden kann. Ein Server, der DNS-Antworten prüft, behält dieses Exemplar, bis er aufgibt, und schickt Ihnen eine Fehlermeldung.
second-shared = Für MTA-STS dienen Namen, die alle teilen, denn eigene waren nicht mehr übrig. Deren Fehler bleiben: Ihr Server gibt sie womöglich auf und schickt Ihnen eine Fehlermeldung.

### Was zu tun ist

advice-cases-fault = Beheben Sie, was bei den fehlerhaften Domains als Fehler vermerkt ist
    .text = Ihr Server handelte bei { $faults } gegen die Standards. Was sie verlangen, steht jeweils dabei, mit dem Abschnitt des RFC. Ist Ihr Server aktuell und richtig eingestellt, dann sagen Sie es denen, die ihn machen.

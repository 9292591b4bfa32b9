"""Java: `application-mail.yml` for Spring Boot 3, and a properties file a route for plain Jakarta Mail."""

from sendspec.targets.interface import Feature, Layer, Proof, Target
from sendspec.targets.spring.render import render

TARGET = Target(
    id="spring",
    title="Spring Boot, Jakarta Mail",
    layer=Layer.APP,
    render=render,
    source=(
        "https://docs.spring.io/spring-boot/reference/io/email.html,"
        " https://jakarta.ee/specifications/mail/2.1/apidocs/jakarta.mail/module-summary.html,"
        " https://eclipse-ee4j.github.io/angus-mail/docs/api/org.eclipse.angus.mail/org/eclipse/angus/mail/smtp/package-summary.html"
    ),
    proof=Proof.PARSED,
    proved_with=(
        "Jakarta Mail 2.0.0 on Java 17 loads the properties files and delivers; Spring Framework 4.3.30 reads the YAML,"
        " resolves it, and its JavaMailSenderImpl delivers with it (JavaMail 1.6.5), and so does Jakarta Mail with the same"
        " values. Spring Boot itself was not run"
    ),
    # JavaMail keeps no pool, counts no rate, neither retries nor fails over: the files carry the numbers as data.
    expresses=frozenset({Feature.HEADERS, Feature.ENVELOPE_SENDER, Feature.STARTTLS, Feature.IMPLICIT_TLS}),
)

"""WordPress: a must-use plugin that hands mail to each stream's routes, or constants for the plugin WP Mail SMTP."""

from sendspec.targets.interface import Feature, Layer, Proof, Target
from sendspec.targets.php import names_left_out
from sendspec.targets.wordpress.render import render

TARGET = Target(
    id="wordpress",
    title="WordPress",
    layer=Layer.APP,
    render=render,
    source="https://developer.wordpress.org/reference/hooks/phpmailer_init/, https://wpmailsmtp.com/docs/how-to-secure-smtp-settings-by-using-constants/",
    proof=Proof.RUN,
    proved_with="wp_mail() of WordPress 6.1.9 (PHPMailer 6.6.5) with the must-use plugin; wp-config-mail.php by PHP 8.2 alone,"
    " without the plugin WP Mail SMTP",
    # No API: PHPMailer speaks SMTP only. Failover: what the must-use plugin does itself, up to the login.
    expresses=frozenset(
        {
            Feature.FAILOVER,
            Feature.HEADERS,
            Feature.ENVELOPE_SENDER,
            Feature.STARTTLS,
            Feature.IMPLICIT_TLS,
        }
    ),
    is_system=True,
    leaves_out=names_left_out,
)

<?php
// Reads a configuration folder and sends one message, by the steps of nextcloud/server lib/private/Config.php and
// lib/private/Mail/Mailer.php (read on 2026-11-26). Prints what Nextcloud would write into config.php, and what it uses.
use Symfony\Component\Mailer\Mailer;
use Symfony\Component\Mailer\Transport\Smtp\EsmtpTransport;
use Symfony\Component\Mime\Address;
use Symfony\Component\Mime\Email;

require '/usr/share/php/Symfony/Component/Mailer/autoload.php';

$ask = json_decode(stream_get_contents(STDIN), true);

function read(string $folder): array
{
    $cache = [];
    foreach ([$folder . 'config.php', ...glob($folder . '*.config.php')] as $file) {
        unset($CONFIG);
        include $file;
        if (isset($CONFIG) && is_array($CONFIG)) {
            $cache = array_merge($cache, $CONFIG);
        }
    }
    return $cache;
}

$written = read($ask['folder']);
$environment = getenv();
$value = fn (string $key, $default) => $environment["NC_$key"] ?? $written[$key] ?? $default;

$error = '';
if ($ask['send']) {
    $secure = $value('mail_smtpsecure', null) === 'ssl' ? true : null;
    $transport = new EsmtpTransport((string) $value('mail_smtphost', ''), (int) $value('mail_smtpport', 25), $secure);
    $transport->getStream()->setTimeout((int) $value('mail_smtptimeout', 10));
    if ((bool) $value('mail_smtpauth', false)) {
        $transport->setUsername((string) $value('mail_smtpname', ''));
        $transport->setPassword((string) $value('mail_smtppassword', ''));
    }
    $from = $value('mail_from_address', '') . '@' . $value('mail_domain', '');
    try {
        (new Mailer($transport))->send(
            (new Email())->from(new Address($from, 'Cloud'))->to('you@customer.test')->subject('smoke test')->text('body')
        );
    } catch (Throwable $trouble) {
        $error = $trouble->getMessage();
    }
}
$used = array_filter($environment, fn ($name) => str_starts_with($name, 'NC_'), ARRAY_FILTER_USE_KEY);
echo json_encode(['written' => $written, 'environment' => (object) $used, 'error' => $error]);

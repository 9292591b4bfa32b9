<?php
// Reads a generated config/mail.php with Laravel's own env() and hands its mailers to Symfony's transports as
// Illuminate\Mail\MailManager of Laravel 13 does (createSmtpTransport, createPostmarkTransport, createFailoverTransport),
// with From and the listener as its Mailer does. Debian has Laravel 8: its env() and configuration are used.
// Takes JSON on stdin: a list of {config, listener, env, sends: [{mailer, to}]}; gives a list of results for each.

namespace Illuminate\Mail\Events {
    final class MessageSending
    {
        public function __construct(public $message, public array $data)
        {
        }
    }
}

namespace {
    use Illuminate\Config\Repository;
    use Symfony\Component\HttpClient\HttpClient;
    use Symfony\Component\Mailer\Bridge\Postmark\Transport\PostmarkTransportFactory;
    use Symfony\Component\Mailer\Transport\Dsn;
    use Symfony\Component\Mailer\Transport\FailoverTransport;
    use Symfony\Component\Mailer\Transport\Smtp\EsmtpTransportFactory;
    use Symfony\Component\Mime\Address;
    use Symfony\Component\Mime\Email;

    error_reporting(E_ALL & ~E_DEPRECATED);
    foreach (['Illuminate/Support', 'Illuminate/Config', 'Dotenv', 'Symfony/Component/Mailer', 'Symfony/Component/HttpClient', 'Symfony/Component/Mailer/Bridge/Postmark'] as $part) {
        require "/usr/share/php/$part/autoload.php";
    }

    $configuration = null;
    function config(string $key)
    {
        return $GLOBALS['configuration']->get($key);
    }

    function transport(array $mailer)
    {
        switch ($mailer['transport']) {
            case 'smtp':
                if (!in_array($mailer['scheme'], ['smtp', 'smtps'], true)) {
                    throw new LogicException('Laravel 11 knows no other scheme');
                }
                $dsn = new Dsn($mailer['scheme'], $mailer['host'], $mailer['username'] ?? null, $mailer['password'] ?? null, $mailer['port'] ?? null, $mailer);
                $made = (new EsmtpTransportFactory())->create($dsn);
                $made->getStream()->setTimeout($mailer['timeout']);
                return $made;
            case 'postmark':
                $client = HttpClient::create($mailer['client']);
                // Laravel says `default` for the host; the test's stand-in is elsewhere.
                [$host, $port] = explode(':', getenv('POSTMARK_AT') ?: 'default:');
                $dsn = new Dsn('postmark+api', $host, $mailer['token'], null, (int) $port ?: null, ['message_stream' => $mailer['message_stream_id']]);
                return (new PostmarkTransportFactory(null, $client))->create($dsn);
            case 'failover':
                $each = array_map(fn ($name) => transport(config("mail.mailers.$name")), $mailer['mailers']);
                return new FailoverTransport($each, $mailer['retry_after'] ?? 60);
        }
        throw new LogicException("transport {$mailer['transport']} is not run here");
    }

    $results = [];
    foreach (json_decode(stream_get_contents(STDIN), true) as $number => $case) {
        foreach ($case['env'] as $name => $value) {
            $_SERVER[$name] = $value;
        }
        putenv('POSTMARK_AT='.($case['postmark'] ?? ''));
        $configuration = new Repository(['mail' => require $case['config']]);
        if ($case['listener']) {
            class_exists('App\Listeners\SetMailHeaders', false) || require $case['listener'];
        }
        foreach ($case['sends'] as $send) {
            $name = $send['mailer'] ?? config('mail.default');
            try {
                $mailer = config("mail.mailers.$name") ?? throw new LogicException("Mailer [$name] is not defined.");
                $from = array_key_exists('from', $mailer) ? $mailer['from'] : config('mail.from');
                $email = (new Email())->to($send['to'] ?? 'you@customer.test')->subject('Grüße')->text('body')->html('<p>body</p>');
                $email->getHeaders()->addTextHeader('X-Began', sprintf('%.6F', microtime(true)));
                if (isset($from['address'])) {
                    $email->from(new Address($from['address'], (string) $from['name']));
                }
                if ($case['listener']) {
                    (new App\Listeners\SetMailHeaders())->handle(new Illuminate\Mail\Events\MessageSending($email, ['mailer' => $name]));
                }
                transport($mailer)->send($email);
                $results[$number][] = 'sent';
            } catch (Throwable $error) {
                $results[$number][] = get_class($error).': '.$error->getMessage();
            }
        }
    }
    echo json_encode($results);
}

<?php
// wp_mail() of Debian's WordPress with the generated must-use plugin, without a site: what it asks of one stands here.
// Takes JSON on stdin: a list of {plugin, env, sends: [{to, headers}]}; gives for each message true, or what went wrong.

error_reporting(E_ALL & ~E_DEPRECATED);
define('ABSPATH', $argv[1].'/');
define('WPINC', 'wp-includes');
foreach (['plugin', 'load', 'class-wp-error', 'formatting', 'functions', 'http', 'pluggable'] as $part) {
    require ABSPATH.WPINC."/$part.php";
}

function get_bloginfo($show)
{
    return 'charset' === $show ? 'UTF-8' : '';
}

function network_home_url()
{
    return 'https://www.shop.example/';
}

$failure = '';
$results = [];
foreach (json_decode(stream_get_contents(STDIN), true) as $number => $case) {
    $GLOBALS['wp_filter'] = [];
    add_action('wp_mail_failed', function ($error) use (&$failure) {
        $failure = $error->get_error_message();
    });
    foreach ($case['env'] as $name => $value) {
        putenv("$name=$value");
    }
    require $case['plugin'];
    foreach ($case['sends'] as $send) {
        $failure = '';
        $sent = wp_mail($send['to'] ?? 'you@customer.test', 'Grüße', 'body', array_merge($send['headers'] ?? [], [sprintf('X-Began: %.6F', microtime(true))]));
        $results[$number][] = $sent ?: $failure;
    }
    foreach ($case['env'] as $name => $value) {
        putenv($name);
    }
}
echo json_encode($results);

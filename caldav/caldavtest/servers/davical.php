<?php
// Hands every request to DAViCal, as the rewriting rules of its package do. DAViCal reads the file
// -conf.php that begins with the server's name, below /etc/davical, before any other: the one beside
// this file, not the machine's own.
$root = '/usr/share/davical/htdocs';
$_SERVER['SERVER_NAME'] = '../..' . __DIR__ . '/davical';
$_SERVER['DOCUMENT_ROOT'] = $root;
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = '/caldav.php';
$_SERVER['PATH_INFO'] = preg_replace('#^/caldav\.php#', '', rawurldecode(explode('?', $_SERVER['REQUEST_URI'], 2)[0]));
chdir($root);
require 'caldav.php';

"""Pure rules about mails: where a link's token goes (`links`), what may stand in a header (`headers`)."""

"""Pure rules about mails: the texts' placeholders (`placeholders`), where a link's token goes (`links`), what may stand in a
header (`headers`), what a report of an undelivered mail says (`bounces`), when a summary is due (`summaries`).
"""

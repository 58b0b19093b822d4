"""The other vendors' products and the distributor's own services; list prices are invented."""

from app.demo.products.line import TRADE, Line


def aws() -> list[Line]:
    def line(title: str, monthly: int, description: str, editions: tuple[str, ...] = ()) -> Line:
        return Line(
            title, monthly, description, TRADE, editions, prefix="AWS", publisher="Amazon Web Services"
        )

    return [
        line("Amazon WorkSpaces", 3500, "A managed desktop in the cloud.", ("Power", "Graphics")),
        line("Amazon WorkMail", 400, "Mail and calendar with 50 GB for each user."),
        line("Amazon QuickSight", 2400, "Dashboards for each reader and author.", ("Author Pro",)),
        line("Amazon Q Business", 2000, "An assistant over the company's documents.", ("Lite",)),
        line("Amazon Connect", 4500, "A contact centre, by agent."),
        line("Amazon Chime SDK", 700, "Meetings and messages."),
        line("AWS Business Support", 10000, "Support around the clock, by account."),
        line("AWS Developer Support", 2900, "Answers in working hours, by account."),
        line("Amazon WorkSpaces Core", 2100, "Desktops under your own management."),
        line("Amazon WorkSpaces Pools", 1900, "Desktops that are shared by shifts."),
        line("Amazon WorkSpaces Secure Browser", 700, "Inside pages in a browser that keeps nothing."),
        line("Amazon WorkSpaces Thin Client", 600, "Management of one thin client."),
        line("Amazon Q Developer Pro", 1900, "An assistant for those who write software."),
        line("Amazon QuickSight Reader Pro", 2000, "Dashboards with answers to questions."),
        line("Amazon Connect Cases", 1500, "Cases for agents, by agent."),
        line("Amazon Connect Outbound Campaigns", 1800, "Calls that go out by themselves."),
        line("AWS Enterprise On-Ramp Support", 550000, "Support with an answer in half an hour, by account."),
    ]


def google() -> list[Line]:
    def line(title: str, monthly: int, description: str, segments: tuple[str, ...] = TRADE) -> Line:
        return Line(title, monthly, description, segments, prefix="GOOG", publisher="Google LLC")

    return [
        line("Google Workspace Business Starter", 750, "Mail, meetings and 30 GB for each user."),
        line("Google Workspace Business Standard", 1500, "Mail, recorded meetings and 2 TB for each user."),
        line(
            "Google Workspace Business Plus", 2300, "Archiving, endpoint management and 5 TB for each user."
        ),
        line("Google Workspace Enterprise Standard", 2800, "For organisations of any size."),
        line("Google Workspace Enterprise Plus", 3700, "Sovereignty, S/MIME and premium meetings."),
        line("Google Workspace Frontline Starter", 400, "For people who work on their feet."),
        line("Google Workspace Education Plus", 510, "For schools.", ("Education",)),
        line("Google Vault", 520, "Retention and discovery."),
        line("Chrome Enterprise Premium", 620, "A browser that protects data."),
        line("Cloud Identity Premium", 740, "Accounts, devices and single sign-on."),
        line("Google Workspace Essentials Starter Plus", 620, "Meetings and files beside another mail."),
        line("Google Workspace Enterprise Essentials", 1050, "Meetings and files for large companies."),
        line("Google Workspace Enterprise Essentials Plus", 1900, "Essentials with data regions."),
        line("Google Workspace Frontline Standard", 800, "For people on their feet, with device management."),
        line("Google Workspace Frontline Plus", 1050, "Frontline with data protection."),
        line("Google Workspace Individual", 1000, "For those who work for themselves."),
        line("Google Workspace Education Standard", 310, "Security and insight for schools.", ("Education",)),
        line("Google Workspace Teaching and Learning add-on", 410, "Better lessons.", ("Education",)),
        line("Google Workspace AppSheet Core", 1000, "Apps without code."),
        line("Google Workspace Voice Standard", 2000, "Phone numbers with ring groups."),
        line("Google Workspace Voice Premier", 3000, "Phone numbers in many countries."),
        line("Chrome Enterprise Upgrade", 500, "Management of one Chromebook."),
        line("Chrome Education Upgrade", 320, "Management of one school's Chromebook.", ("Education",)),
    ]


def ibm() -> list[Line]:
    def line(title: str, monthly: int, description: str) -> Line:
        return Line(title, monthly, description, TRADE, prefix="IBM", publisher="IBM")

    return [
        line("IBM MaaS360 Essentials", 480, "Device management."),
        line("IBM MaaS360 Premier", 810, "Device management with containers and a gateway."),
        line("IBM Security Verify Access", 610, "Access for staff and customers."),
        line("IBM Cognos Analytics Standard", 1120, "Reports and dashboards."),
        line("IBM Planning Analytics", 4500, "Planning and budgets."),
        line("IBM watsonx Assistant Plus", 14000, "An assistant for customers."),
        line("IBM Maximo Application Suite", 18900, "Assets, inspection and maintenance."),
        line("IBM Aspera on Cloud", 9900, "Large files at full speed."),
        line("IBM MaaS360 Deluxe", 620, "Device management with mail and documents."),
        line("IBM MaaS360 Enterprise", 1100, "Device management with threat defence."),
        line("IBM Security Verify SaaS Workforce", 450, "Single sign-on and second factors for staff."),
        line("IBM Cognos Analytics Premium", 4800, "Reports, exploration and forecasts."),
        line("IBM Planning Analytics Premium", 9400, "Planning with more memory."),
        line("IBM watsonx Orchestrate Essentials", 50000, "Agents that do the errands."),
        line("IBM watsonx Assistant Enterprise", 60000, "An assistant in its own place."),
        line("IBM Maximo Application Suite Mobile", 4900, "Inspection on the move."),
    ]


def meridian() -> list[Line]:
    def line(title: str, monthly: int, description: str) -> Line:
        return Line(title, monthly, description, TRADE, prefix="MRD", publisher="Meridian Distribution")

    return [
        line(
            "Managed Backup for Microsoft 365",
            290,
            "Daily copies of mail, files and Teams, kept for seven years.",
        ),
        line("Managed Backup for servers", 2900, "Daily images of one server, kept for ninety days."),
        line("Security awareness training", 180, "Short lessons and test mails."),
        line("Managed firewall", 6900, "A firewall, watched around the clock."),
        line("Onboarding service", 1500, "Moving in, by user."),
        line("Helpdesk around the clock", 950, "People who answer, day and night."),
        line("Helpdesk in working hours", 480, "People who answer, on working days."),
        line("Managed Backup for Google Workspace", 310, "Daily copies of mail and files."),
        line("Managed Backup for cloud PCs", 520, "Daily images of one cloud PC."),
        line("Phishing tests and awareness reports", 120, "A test mail each month, and what came of it."),
        line("Managed device service", 780, "Set up, kept current and wiped, by device."),
        line("Licence review service", 9900, "What is paid for and not used, each quarter."),
        line("Mail signature service", 90, "The same signature everywhere."),
        line("Second-factor key service", 210, "A key for each person, replaced when lost."),
    ]

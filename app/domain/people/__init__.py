"""People and the customers they belong to: who they are, how they prove it, what they may do.

What a mail to them says is `notices`' business; which host means which tenant is `tenants`'.
"""
